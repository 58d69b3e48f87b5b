#include "sim/import/network_file.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "models/core/error.h"
#include "models/workload/shaped_graph.h"
#include "sim/import/onnx/onnx_import.h"
#include "sim/import/scalesim_topology.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

std::string extension_of(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

/// A serialized ModelProto begins with its IR version, field 1 as a small number.
bool begins_as_onnx(const std::string& path) {
  std::error_code error;
  if (std::filesystem::file_size(path, error) < 2 || error)
    return false;  // /proc: may wait for ever
  std::array<char, 2> head{};
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), head.size());
  return in.gcount() == 2 && head[0] == '\x08' && head[1] > 0 && head[1] < 32;
}

ImportedNetwork read_network(const std::string& path, NetworkFileKind kind,
                             const ImportOptions& options) {
  const std::string name = std::filesystem::path(path).stem().string();
  if (kind == NetworkFileKind::kOnnx) return import_onnx(path, name, options);
  if (!options.dims.empty() || !options.shapes.empty()) {
    throw InputError("a SCALE-Sim topology has no open sizes: --dim and --shape do not apply");
  }
  return read_scalesim_topology(read_text_file(path), name);
}

}  // namespace

std::optional<NetworkFileKind> network_file_kind(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return std::nullopt;
  const std::string extension = extension_of(path);
  if (extension == ".csv") return NetworkFileKind::kScaleSim;
  if (extension == ".onnx" || (extension != ".json" && begins_as_onnx(path))) {
    return NetworkFileKind::kOnnx;
  }
  return std::nullopt;
}

ImportedNetwork import_network(const std::string& path, NetworkFileKind kind,
                               const ImportOptions& options) {
  try {
    ImportedNetwork network = read_network(path, kind, options);
    const ShapedGraph shaped = shape_graph(network.graph, 1);
    network.graph.parameters = shaped.parameters;
    network.graph.macs = shaped.macs;
    return network;
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      if (fault.file.empty()) fault.file = path;
    }
    throw InputError(std::move(faults));
  }
}

}  // namespace mxsim
