#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/formats/format_parser.h"
#include "models/workload/graph_summary.h"
#include "sim/cli/command_table.h"
#include "sim/cli/import_options.h"
#include "sim/cli/printable.h"
#include "sim/config/input_file.h"
#include "sim/config/load.h"
#include "sim/config/trace_reader.h"
#include "sim/data/network_weights.h"
#include "sim/import/network_file.h"
#include "sim/import/onnx/quantized_export.h"
#include "sim/import/scalesim_export.h"
#include "sim/import/trace_writer.h"
#include "sim/npy/weight_archive.h"
#include "sim/output/output_set.h"
#include "sim/report/trace_report.h"
#include "sim/train/ptq_formats.h"

namespace mxsim {
namespace {

constexpr const char* kScaleSim = "scalesim";
constexpr const char* kQonnx = "qonnx";
constexpr const char* kQcdq = "qcdq";

struct TraceCommand {
  std::string path;
  std::string out;
  std::string weights;  ///< archive of the parameters; "": none
  std::vector<std::string> dims;
  std::vector<std::string> shapes;
  bool gemm = false;
  std::string form = kScaleSim;  ///< of an export
  std::string format;
  int bits = 0;
  std::function<int(const TraceCommand&, Console&)> action;
};

int show(const TraceCommand& command, Console& console) {
  const Graph graph = load_trace(command.path);
  const GraphSummary summary = summarize(graph, parse_import_options(command.dims, {}, 0).dims);
  console.out << (console.json() ? trace_json(graph.name, summary)
                                 : trace_text(graph.name, summary, console.text.width));
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

WeightedImport import_with_weights(const TraceCommand& command, const std::string& path,
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
  return imported;
}

int import_file(const TraceCommand& command, Console& console) {
  const std::string path = find_input_file(command.path);
  const auto kind = network_file_kind(path);
  if (!kind) {
    throw InputError({{path, "", "expected an ONNX model (.onnx) or a SCALE-Sim topology (.csv)"}});
  }
  try_outputs("", {command.out, command.weights});
  const ImportOptions options = parse_import_options(command.dims, command.shapes);
  OutputSet files;
  ImportedNetwork network;
  if (command.weights.empty()) {
    network = import_network(path, *kind, options);
  } else {
    WeightedImport imported = import_with_weights(command, path, *kind, options, console);
    files.write(command.weights, weights_bytes(command.weights, imported.weights.tensors));
    network = std::move(imported.network);
  }
  const std::string text = trace_file_text(network.graph, beside(command.out, command.weights));
  load_config<Graph>(Document::parse(text, path));  // names that a trace must not have
  files.write(command.out, text);
  files.commit();
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

/// Faults are told under the trace's name.
std::string model_bytes(const std::string& path, const NetworkTensors& weights,
                        const FormatSpec& format, QuantizerNodes nodes) {
  const Graph graph = load_trace(path);
  try {
    return quantized_onnx(graph, weights, format, nodes);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) fault.file = path;
    throw InputError(std::move(faults));
  }
}

/// The network with quantized weights as an ONNX model.
int export_model(const TraceCommand& command, Console& console) {
  if (command.weights.empty()) throw InputError("--as " + command.form + ": expected --weights");
  if (command.format.empty() == (command.bits == 0)) {
    throw InputError("--as " + command.form + ": expected either --format or --bits");
  }
  const FormatSpec format =
      command.bits > 0 ? channel_integers(command.bits) : parse_format(command.format);
  const NetworkTensors weights = read_weights(command.weights);
  const QuantizerNodes nodes =
      command.form == kQcdq ? QuantizerNodes::kQcdq : QuantizerNodes::kQonnx;
  try_outputs("", {command.out});
  write_file(command.out, model_bytes(command.path, weights, format, nodes));
  console.notes() << printable(
                         fmt::format("{}: ONNX model, weights in {}", command.out, format.name))
                  << '\n';
  return kExitDone;
}

int export_file(const TraceCommand& command, Console& console) {
  if (command.form != kScaleSim) return export_model(command, console);
  if (!command.weights.empty() || !command.format.empty() || command.bits > 0) {
    throw InputError("--weights, --format and --bits: expected --as qonnx or qcdq with them");
  }
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
      add("export", "a network as a SCALE-Sim topology, or with quantized weights as ONNX",
          export_file);
  exported->add_option("-o,--output", command->out, "CSV or ONNX file to write")->required();
  exported
      ->add_option("--as", command->form,
                   "scalesim: products of a topology; qonnx: ONNX with nodes of QONNX; qcdq: ONNX "
                   "with QuantizeLinear, Clip, DequantizeLinear")
      ->check(CLI::IsMember({kScaleSim, kQonnx, kQcdq}))
      ->capture_default_str();
  exported->add_option("--weights", command->weights,
                       "qonnx, qcdq: .npz archive of the parameters, such as ptq's");
  exported->add_option("--format", command->format, "qonnx, qcdq: format of weights");
  exported
      ->add_option("--bits", command->bits,
                   "qonnx, qcdq: integers of that width, an FP32 scale for each output channel")
      ->check(CLI::Range(2, 16));
  exported->add_flag("--gemm", command->gemm, "rows of M, N, K instead of convolutions");
  return [command](Console& console) { return command->action(*command, console); };
}

}  // namespace mxsim
