#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/workload/assumed_loss.h"
#include "sim/cli/command_table.h"
#include "sim/cli/format_list.h"
#include "sim/cli/import_options.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/cli/worker_count.h"
#include "sim/config/document.h"
#include "sim/config/trace_reader.h"
#include "sim/import/network_file.h"
#include "sim/import/network_weights.h"
#include "sim/report/eval_report.h"
#include "sim/report/output_set.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

struct EvalCommand {
  RunOptions options;
  std::string data;
  std::vector<std::string> weights;
  std::vector<std::string> formats;
  int threads = 0;
};

/// The run in every format that is asked for, or in its own.
std::vector<LabelledRun> eval_runs(const EvalCommand& command) {
  RunOptions options = command.options;
  options.mode = "infer";
  std::vector<LabelledRun> runs;
  for (const std::string& format : whole_format_names(command.formats)) {
    runs.push_back(load_format(options, format));
  }
  if (runs.empty()) {
    RunConfig config = load_run(options);
    std::string label = config.formats.format.name;
    runs.push_back({std::move(label), std::move(config)});
  }
  for (LabelledRun& run : runs) run.config.workload = with_assumed_loss(run.config.workload);
  return runs;
}

void set_weights(InferredNetwork& network, const NetworkTensors& weights, const std::string& path) {
  try {
    network.set(weights);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) fault.file = path;
    throw InputError(std::move(faults));
  }
}

EvalReport evaluate_run(const EvalCommand& command, const LabelledRun& run, const Dataset& data,
                        const std::vector<NetworkTensors>& weights, Workers& workers,
                        std::ostream& err) {
  const RunConfig& config = run.config;
  const SampleFeed feed(data, SampleUse::kTest, config.data);
  InferredNetwork network(config.workload, lowering_policy(config), config.chip.array, workers);
  EvalReport result;
  result.samples = feed.count();
  for (std::size_t i = 0; i < weights.size(); ++i) {
    set_weights(network, weights[i], command.weights[i]);
    result.accuracies.push_back(accuracy(network, feed, config.batch));
  }
  result.accuracy = accuracy_interval(result.accuracies, result.samples);
  result.format = run.label;
  result.images = static_cast<double>(config.batch);
  Progress progress(err, config.workload.name + " " + run.label);
  RunExtras extras;
  extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
  result.batch = run_once(config, extras);
  return result;
}

/// Files of weights: those that are asked for, else the workload's own.
std::vector<std::string> weight_files(const EvalCommand& command, const RunConfig& config) {
  if (!command.weights.empty()) return command.weights;
  const std::string workload = config.source->locate("/workload/name", "").file;
  if (network_file_kind(workload) == NetworkFileKind::kOnnx) return {workload};
  const bool is_trace = std::filesystem::is_regular_file(workload);
  const std::string beside = is_trace ? trace_weights(workload) : "";
  if (!beside.empty()) return {beside};
  throw InputError({{"--weights", "", "is required: the workload names no weights of its own"}});
}

int evaluate(EvalCommand command, Console& console) {
  const std::vector<LabelledRun> runs = eval_runs(command);
  const RunConfig& first = runs.front().config;
  const NetworkEnds ends = network_ends(first.workload, lowering_policy(first).dimensions);
  const Dataset data = dataset_for(command.data, ends);
  std::vector<NetworkTensors> weights;
  command.weights = weight_files(command, first);
  const ImportOptions sizes = parse_import_options(command.options.dims, command.options.shapes, 0);
  for (const std::string& path : command.weights) weights.push_back(load_weights(path, sizes));
  const std::string& folder = command.options.out;
  if (!folder.empty()) try_outputs(folder, {folder + "/eval.json"});
  note_interrupts("interrupted: nothing was written\n");
  Workers workers(worker_count(command.threads));
  std::vector<EvalReport> results;
  try {
    for (const LabelledRun& run : runs) {
      results.push_back(evaluate_run(command, run, data, weights, workers, console.err));
    }
  } catch (const Interrupted&) {
    console.err << "interrupted: nothing was written\n";
    return kExitFailure;
  }
  if (!folder.empty()) {
    OutputSet files;
    files.folder(folder);
    files.write(folder + "/eval.json", to_json(results).dump(1) + "\n");
    files.commit();
  }
  if (console.json()) {
    console.out << to_json(results).dump(1) << '\n';
  } else {
    for (const EvalReport& result : results) console.out << eval_text(result);
  }
  return kExitDone;
}

}  // namespace

CommandAction set_up_eval(CLI::App& app) {
  const auto command = std::make_shared<EvalCommand>();
  add_run_options(app, command->options);
  app.add_option(
         "--format,--formats", command->formats,
         "formats of all GEMM operands, by comma, instead of the run file's; FORMAT:RxC for "
         "blocks of R x C elements")
      ->delimiter(',');
  app.add_option("--weights", command->weights,
                 ".npz archives of the parameters in FP32, by comma, such as checkpoints of train "
                 "with several seeds; or ONNX models (the workload's own weights)")
      ->delimiter(',');
  app.add_option("--data", command->data, "folder with the data set, as of train")->required();
  app.add_option("--threads", command->threads, "threads; no result depends on it (all cores)")
      ->check(CLI::Range(1, 1024));
  return [command](Console& console) { return evaluate(*command, console); };
}

}  // namespace mxsim
