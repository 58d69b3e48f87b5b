#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/workload/graph_summary.h"
#include "sim/cli/command_table.h"
#include "sim/cli/import_options.h"
#include "sim/cli/printable.h"
#include "sim/config/input_file.h"
#include "sim/config/trace_reader.h"
#include "sim/config/trace_writer.h"
#include "sim/import/network_file.h"
#include "sim/import/network_weights.h"
#include "sim/import/scalesim_export.h"
#include "sim/report/output_set.h"
#include "sim/report/trace_report.h"
#include "sim/train/checkpoint.h"

namespace mxsim {
namespace {

struct TraceCommand {
  std::string path;
  std::string out;
  std::string weights;  ///< archive for the parameters; "": none
  std::vector<std::string> dims;
  std::vector<std::string> shapes;
  bool gemm = false;
  std::function<int(const TraceCommand&, Console&)> action;
};

int show(const TraceCommand& command, Console& console) {
  const Graph graph = load_trace(command.path);
  const GraphSummary summary = summarize(graph, parse_import_options(command.dims, {}, 0).dims);
  console.out << (console.json() ? trace_json(graph.name, summary)
                                 : trace_text(graph.name, summary));
  return kExitDone;
}

int check(const TraceCommand& command, Console& console) {
  const Graph graph = load_trace(command.path);
  console.notes() << printable(command.path + ": good trace of " + graph.name) << '\n';
  return kExitDone;
}

/// How the trace names a file.
std::string beside(const std::string& trace, const std::string& file) {
  namespace fs = std::filesystem;
  if (file.empty()) return "";
  const fs::path folder = fs::absolute(trace).parent_path();
  return fs::absolute(file).lexically_proximate(folder).string();
}

/// Writes the archive.
ImportedNetwork import_with_weights(const TraceCommand& command, const std::string& path,
                                    NetworkFileKind kind, const ImportOptions& options,
                                    Console& console) {
  std::error_code error;
  if (kind != NetworkFileKind::kOnnx) {
    throw InputError({{"--weights", "", path + " holds no weights, expected an ONNX model"}});
  }
  if (beside(command.out, command.weights) == beside(command.out, command.out) ||
      std::filesystem::equivalent(command.weights, path, error)) {
    throw InputError({{"--weights", "", command.weights + " is also the trace or the model"}});
  }
  WeightedImport imported = import_weighted(path, options);
  for (const std::string& name : imported.weights.unknown) {
    console.notes() << printable(fmt::format("{}: no numbers of {}", path, name)) << '\n';
  }
  if (imported.weights.tensors.empty()) {
    throw InputError({{path, "", "holds the numbers of no parameter"}});
  }
  write_weights(command.weights, imported.weights.tensors);
  return std::move(imported.network);
}

int import_file(const TraceCommand& command, Console& console) {
  const std::string path = find_input_file(command.path);
  const auto kind = network_file_kind(path);
  if (!kind) {
    throw InputError({{path, "", "expected an ONNX model (.onnx) or a SCALE-Sim topology (.csv)"}});
  }
  try_outputs("", {command.out, command.weights});
  const ImportOptions options = parse_import_options(command.dims, command.shapes);
  const ImportedNetwork network = command.weights.empty()
                                      ? import_network(path, *kind, options)
                                      : import_with_weights(command, path, *kind, options, console);
  write_file(command.out, trace_file_text(network.graph, beside(command.out, command.weights)));
  for (const std::string& note : network.notes) {
    console.notes() << printable(fmt::format("{}: {}", path, note)) << '\n';
  }
  console.notes() << printable(fmt::format("{}: {} layers, {} parameters, {} MACs", command.out,
                                           network.graph.layers.size(),
                                           network.graph.parameters.value_or(0),
                                           network.graph.macs.value_or(0)))
                  << '\n';
  return kExitDone;
}

int export_file(const TraceCommand& command, Console& console) {
  try_outputs("", {command.out});
  const TopologyForm form = command.gemm ? TopologyForm::kGemm : TopologyForm::kConvolution;
  const std::string text = scalesim_topology(load_trace(command.path), form);
  write_file(command.out, text);
  console.notes() << printable(command.out + ": SCALE-Sim topology") << '\n';
  return kExitDone;
}

}  // namespace

CommandAction set_up_trace(CLI::App& app) {
  const auto command = std::make_shared<TraceCommand>();
  app.require_subcommand(1);
  app.fallthrough();
  const auto add = [&](const char* name, const char* summary, auto action) {
    CLI::App* sub = app.add_subcommand(name, summary);
    sub->fallthrough();
    sub->add_option("FILE", command->path, "trace, ONNX model or SCALE-Sim topology")->required();
    sub->callback([command, action] { command->action = action; });
    return sub;
  };
  CLI::App* shown = add("show", "layers with shapes, MACs, parameters and bytes", show);
  shown->add_option("--dim", command->dims,
                    "NAME=N[,NAME=N...]: sizes in place of the trace's, e.g. seq=128,context=512");
  add("check", "every fault of a trace", check);
  CLI::App* imported =
      add("import", "an ONNX model or a SCALE-Sim topology as a trace", import_file);
  imported->add_option("-o,--output", command->out, "trace file to write")->required();
  imported->add_option("--weights", command->weights,
                       "also the numbers of the parameters, a .npz archive that the trace names");
  add_import_options(*imported, command->dims, command->shapes);
  CLI::App* exported =
      add("export", "the products of a network as a SCALE-Sim topology", export_file);
  exported->add_option("-o,--output", command->out, "CSV file to write")->required();
  exported->add_flag("--gemm", command->gemm, "rows of M, N, K instead of convolutions");
  return [command](Console& console) { return command->action(*command, console); };
}

}  // namespace mxsim
