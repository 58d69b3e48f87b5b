#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "sim/cli/command_table.h"
#include "sim/cli/format_list.h"
#include "sim/cli/import_options.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/cli/worker_count.h"
#include "sim/config/document.h"
#include "sim/config/trace_reader.h"
#include "sim/import/network_file.h"
#include "sim/npy/npy_array.h"
#include "sim/output/output_set.h"
#include "sim/report/eval_report.h"
#include "sim/report/statistics_report.h"
#include "sim/report/verify_report.h"
#include "sim/run/run_once.h"
#include "sim/train/evaluation.h"
#include "sim/train/weight_files.h"

namespace mxsim {
namespace {

struct EvalCommand {
  RunOptions options;
  std::string data;
  std::vector<std::string> weights;
  std::vector<std::string> formats;
  int threads = 0;
  bool statistics = false;
  bool probabilities = false;
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
  return runs;
}

RunReport simulated(const LabelledRun& run, std::ostream& err) {
  Progress progress(err, run.config.workload.name + " " + run.label);
  RunExtras extras;
  extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
  return run_once(run.config, extras);
}

/// Each result of `each(run)`; nothing after an interrupt.
template <class Result, class Each>
std::optional<std::vector<Result>> all_runs(const std::vector<LabelledRun>& runs, Console& console,
                                            Each each) {
  note_interrupts("interrupted: nothing was written\n");
  std::vector<Result> results;
  try {
    for (const LabelledRun& run : runs) results.push_back(each(run));
  } catch (const Interrupted&) {
    console.err << "interrupted: nothing was written\n";
    return std::nullopt;
  }
  return results;
}

/// File of a format's probabilities: samples x labels x classes; one label a sample is left out.
std::string probabilities_path(const EvalCommand& command, std::string label) {
  std::replace_if(
      label.begin(), label.end(), [](char c) { return c == ':' || c == ','; }, '-');
  return command.options.out + "/probabilities-" + label + ".npy";
}

std::string probabilities_file(const std::vector<float>& values, const NetworkEnds& ends) {
  const auto count = static_cast<std::int64_t>(values.size()) / (ends.labels * ends.classes);
  const Shape shape =
      ends.labels == 1 ? Shape{count, ends.classes} : Shape{count, ends.labels, ends.classes};
  return npy_header(NpyType::kFloat32, shape) +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
}

/// Refuses places that cannot be written before anything runs.
void try_results(const EvalCommand& command, const std::vector<LabelledRun>& runs) {
  const std::string& folder = command.options.out;
  if (folder.empty()) return;
  std::vector<std::string> files{folder + "/eval.json"};
  if (command.probabilities) {
    for (const LabelledRun& run : runs) files.push_back(probabilities_path(command, run.label));
  }
  if (command.statistics) {
    for (const std::string& file : statistics_files(folder)) files.push_back(file);
  }
  try_outputs(folder, files);
}

/// Accuracy on labelled samples.
int evaluate_samples(const EvalCommand& command, const std::vector<LabelledRun>& runs,
                     Console& console) {
  std::vector<RunConfig> inferences;
  for (const LabelledRun& run : runs) inferences.push_back(inference_of(run.config));
  const RunConfig& first = inferences.front();
  const NetworkEnds ends = network_ends(first.workload, lowering_policy(first).dimensions);
  const Dataset data = dataset_for(command.data, ends);
  const std::vector<WeightFile> weights = read_weight_files(
      command.weights, parse_import_options(command.options.dims, command.options.shapes, 0));
  const std::string& folder = command.options.out;
  try_results(command, runs);
  OutputSet files;
  if (!folder.empty()) files.folder(folder);
  Workers workers(worker_count(command.threads));
  StatisticsReport statistics{first.workload.name, config_hash(first), "weights", 0, {}};
  const auto results = all_runs<EvalReport>(runs, console, [&](const LabelledRun& run) {
    const RunConfig& config = inferences[static_cast<std::size_t>(&run - runs.data())];
    Evaluation found =
        evaluate(config, data, weights,
                 command.statistics ? Statistics::kCounted : Statistics::kNone, workers);
    statistics.formats.push_back({run.label, std::move(found.statistics)});
    if (command.probabilities) {
      files.write(probabilities_path(command, run.label),
                  probabilities_file(found.probabilities, ends));
    }
    return EvalReport{std::move(found.accuracies),
                      found.accuracy,
                      found.samples,
                      run.label,
                      static_cast<double>(config.batch),
                      simulated(run, console.err)};
  });
  if (!results) return kExitFailure;
  if (!folder.empty()) {
    files.write(folder + "/eval.json", to_json(*results).dump(1) + "\n");
    if (command.statistics) write_statistics(files, folder, statistics);
    files.commit();
  }
  if (console.json()) {
    console.out << to_json(*results).dump(1) << '\n';
  } else {
    for (const EvalReport& result : *results) console.out << eval_text(result, console.text.width);
  }
  return kExitDone;
}

/// Outputs of an ONNX model beside stored ones.
int evaluate_stored(const EvalCommand& command, const std::string& model,
                    const std::vector<LabelledRun>& runs, Console& console) {
  const std::string& folder = command.options.out;
  try_results(command, runs);
  const std::vector<std::string> folders = stored_folders(model, command.data);
  const auto results = all_runs<StoredEvalReport>(runs, console, [&](const LabelledRun& run) {
    StoredEvalReport report;
    report.format = run.label;
    for (const std::string& data : folders) {
      report.sets.push_back(
          {data, compare_stored(read_stored_model(model, data), lowering_policy(run.config),
                                run.config.chip.array, {})});
    }
    report.images = static_cast<double>(run.config.batch);
    report.batch = simulated(run, console.err);
    return report;
  });
  if (!results) return kExitFailure;
  if (!folder.empty()) {
    OutputSet files;
    files.folder(folder);
    files.write(folder + "/eval.json", to_json(*results).dump(1) + "\n");
    files.commit();
  }
  if (console.json()) {
    console.out << to_json(*results).dump(1) << '\n';
  } else {
    for (const StoredEvalReport& result : *results)
      console.out << stored_eval_text(result, console.text.width);
  }
  return kExitDone;
}

/// The workload's own: those of an ONNX model, or the file that a trace names.
std::string own_weights(const std::string& workload) {
  if (network_file_kind(workload) == NetworkFileKind::kOnnx) return workload;
  const bool is_trace = std::filesystem::is_regular_file(workload);
  const std::string beside = is_trace ? trace_weights(workload) : "";
  if (!beside.empty()) return beside;
  throw InputError("--weights is required: the workload names no weights of its own");
}

int evaluate(EvalCommand command, Console& console) {
  if (command.statistics && command.options.out.empty()) {
    throw InputError("--statistics: expected --out with it");
  }
  if (command.probabilities && (command.options.out.empty() || command.weights.size() > 1)) {
    throw InputError("--probabilities: expected --out and one file of --weights with it");
  }
  const std::vector<LabelledRun> runs = eval_runs(command);
  const std::string workload = runs.front().config.source->locate("/workload/name", "").file;
  const bool onnx = network_file_kind(workload) == NetworkFileKind::kOnnx;
  if (onnx && command.weights.empty() && has_stored_results(command.data)) {
    if (!command.statistics && !command.probabilities) {
      return evaluate_stored(command, workload, runs, console);
    }
    throw InputError(std::string(command.statistics ? "--statistics" : "--probabilities") +
                     ": expected labelled samples in --data, got stored tensors");
  }
  if (command.weights.empty()) command.weights = {own_weights(workload)};
  return evaluate_samples(command, runs, console);
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
                 "by comma: .npz archives of the parameters in FP32, such as checkpoints of train "
                 "with several seeds, or ONNX models (the workload's own weights)")
      ->delimiter(',');
  app.add_option("--data", command->data,
                 "folder with the data set, as of train; beside an ONNX model as --workload also "
                 "one with input_0.pb and output_0.pb, or with test_data_set_N")
      ->required();
  app.add_flag("--statistics", command->statistics,
               "also write statistics.json, statistics.csv and histograms.csv: SQNR, saturation, "
               "underflow, zeros, modes and magnitudes of every GEMM operand");
  app.add_flag("--probabilities", command->probabilities,
               "also write probabilities-FORMAT.npy to --out: class probabilities of every label "
               "of the test samples, samples x classes, or samples x labels x classes");
  app.add_option("--threads", command->threads, "threads; no result depends on it (all cores)")
      ->check(CLI::Range(1, 1024));
  return [command](Console& console) { return evaluate(*command, console); };
}

}  // namespace mxsim
