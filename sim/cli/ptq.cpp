#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/formats/format_parser.h"
#include "sim/cli/command_table.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/cli/worker_count.h"
#include "sim/npy/weight_archive.h"
#include "sim/output/output_set.h"
#include "sim/report/ptq_report.h"
#include "sim/run/run_once.h"
#include "sim/train/ptq_formats.h"

namespace mxsim {
namespace {

constexpr const char* kNothingWritten = "interrupted: nothing was written\n";

struct PtqCommand {
  RunOptions options;
  std::string data;
  std::string weights;
  std::string output;
  std::string method;
  std::string format;
  std::string activations;
  int bits = 0;  ///< 0: the formats of the run, or --format
  bool weights_alone = false;
  std::int64_t samples = 128;
  PtqSettings settings;
  int threads = 0;
};

/// The two sides of the quantization and the names of their formats.
struct PtqRuns {
  RunConfig before;
  RunConfig after;
  std::string formats;
};

FormatSpec format_option(const std::string& option, const std::string& name) {
  try {
    return parse_format(name);
  } catch (const InputError& error) {
    throw InputError({{option, "", error.diagnostics().front().message}});
  }
}

PtqRuns runs_of(const PtqCommand& command) {
  RunOptions options = command.options;
  options.mode = "infer";
  PtqRuns runs;
  if (command.format.empty()) {
    runs.after = load_run(options);
    runs.formats = runs.after.formats.format.name;
  } else {
    LabelledRun run = load_format(options, command.format);
    runs.after = std::move(run.config);
    runs.formats = run.label;
  }
  runs.before = in_bf16(runs.after);
  const std::string narrow = command.activations.empty() ? "bf16" : command.activations;
  const DefinedFormats scope(defined_formats(runs.after.defined_formats));
  const FormatSpec activations = format_option("--activations", narrow);
  if (command.bits > 0) {
    const FormatSpec weights = channel_integers(command.bits);
    runs.after = with_formats(std::move(runs.after), weights, activations);
    runs.formats = weights.name + " x " + activations.name;
  } else if (command.weights_alone || !command.activations.empty()) {
    runs.after = with_activations(std::move(runs.after), activations);
    runs.formats += " x " + activations.name;
  }
  check_formats(runs.after, command.options.file);
  return runs;
}

PtqMethod method_named(const std::string& name) {
  for (const PtqMethod method : kPtqMethods) {
    if (to_string(method) == name) return method;
  }
  throw InternalError("a method that the options let through");
}

/// What `action` returns; faults of keys are told under the run's file, others under the weights'.
template <class Action>
auto in_files(const PtqCommand& command, Action action) {
  try {
    return action();
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) {
      if (!fault.file.empty()) continue;
      fault.file = fault.pointer.empty() ? command.weights : command.options.file;
    }
    throw InputError(std::move(faults));
  }
}

RunReport simulated(const RunConfig& run, const std::string& name, std::ostream& err) {
  Progress progress(err, run.workload.name + " " + name);
  RunExtras extras;
  extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
  return run_once(run, extras);
}

PtqReport report_of(const PtqCommand& command, const PtqRuns& runs, const Dataset& data,
                    const NetworkTensors& weights, std::ostream& err) {
  Workers workers(worker_count(command.threads));
  const PtqJob job(runs.before, runs.after, data, workers);
  PtqReport report;
  report.method = command.method;
  report.settings = command.settings;
  report.settings.method = method_named(command.method);
  report.seed = runs.after.seed;
  report.calibration_samples = job.calibration_samples(command.samples);
  report.test_samples = job.test_samples();
  report.images = static_cast<double>(runs.after.batch);
  report.output = command.output;
  report.before.formats = "bf16";
  report.after.formats = runs.formats;
  in_files(command, [&] {
    report.before.accuracy = job.accuracy_of(runs.before, weights);
    Progress progress(err, runs.after.workload.name + " " + command.method);
    report.result =
        job.quantize(weights, report.settings, command.samples,
                     [&](std::size_t done, std::size_t all) { progress.update(done, all); });
    report.after.accuracy = job.accuracy_of(runs.after, report.result.tensors);
  });
  report.before.batch = simulated(runs.before, report.before.formats, err);
  report.after.batch = simulated(runs.after, report.after.formats, err);
  return report;
}

void write_results(const PtqCommand& command, const PtqReport& report) {
  const std::string& folder = command.options.out;
  OutputSet files;
  if (!folder.empty()) {
    files.folder(folder);
    files.write(folder + "/ptq.json", to_json(report).dump(1) + "\n");
  }
  files.write(command.output, weights_bytes(command.output, report.result.tensors));
  files.commit();
}

int quantize(const PtqCommand& command, Console& console) {
  const PtqRuns runs = runs_of(command);
  const NetworkEnds ends =
      network_ends(runs.after.workload, lowering_policy(runs.after).dimensions);
  const Dataset data = dataset_for(command.data, ends);
  const NetworkTensors weights = read_weights(command.weights);
  const std::string& folder = command.options.out;
  try_outputs(folder, {folder.empty() ? "" : folder + "/ptq.json", command.output});
  note_interrupts(kNothingWritten);
  PtqReport report;
  try {
    report = report_of(command, runs, data, weights, console.err);
  } catch (const Interrupted&) {
    console.err << kNothingWritten;
    return kExitFailure;
  }
  write_results(command, report);
  if (console.json()) {
    console.out << to_json(report).dump(1) << '\n';
  } else {
    console.out << ptq_text(report, console.text.width);
  }
  return kExitDone;
}

void add_formats(CLI::App& app, PtqCommand& command) {
  CLI::Option* const format = app.add_option(
      "--format", command.format,
      "format of all GEMM operands instead of the run file's; FORMAT:RxC for blocks of R x C");
  CLI::Option* const bits =
      app.add_option(
             "--bits", command.bits,
             "weights in integers of that width with an FP32 scale for each output channel; "
             "activations stay in BF16")
          ->check(CLI::Range(2, 16))
          ->excludes(format);
  CLI::Option* const alone =
      app.add_flag("--weight-only", command.weights_alone, "activations stay in BF16")
          ->excludes(bits);
  app.add_option("--activations", command.activations,
                 "format of activations instead of the weights' (of --bits: BF16)")
      ->excludes(alone);
}

/// A range that refuses NaN too.
std::string damping_fault(const std::string& text) {
  double value = 0;
  const bool is_number = CLI::detail::lexical_cast(text, value);
  if (is_number && value >= 1e-6 && value <= 1e6) return "";
  return "got " + text + ", expected 1e-06 .. 1e+06";
}

void add_settings(CLI::App& app, PtqCommand& command) {
  std::vector<std::string> methods;
  for (const PtqMethod method : kPtqMethods) methods.emplace_back(to_string(method));
  app.add_option("--method", command.method, "rtn, gptq, error-diffusion or adaround")
      ->check(CLI::IsMember(methods))
      ->required();
  app.add_option("--samples", command.samples, "training samples that layers are calibrated on")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  app.add_option("--damping", command.settings.damping,
                 "gptq: share of the mean of the Hessian's diagonal that is added to it")
      ->check(CLI::Validator(damping_fault, ""))
      ->capture_default_str();
  app.add_option("--iterations", command.settings.learned.iterations, "adaround: steps of a layer")
      ->check(CLI::Range(1, 1000000))
      ->capture_default_str();
  app.add_flag(
      "--bias-correction", command.settings.corrects_bias,
      "add the mean error of each output channel to its bias, or take it from the averages "
      "of the batch norm that follows");
}

}  // namespace

CommandAction set_up_ptq(CLI::App& app) {
  const auto command = std::make_shared<PtqCommand>();
  add_run_options(app, command->options);
  add_settings(app, *command);
  add_formats(app, *command);
  app.add_option("--weights", command->weights,
                 ".npz archive of the parameters in FP32, such as a checkpoint of train")
      ->required();
  app.add_option("--data", command->data, "folder with the data set, as of train")->required();
  app.add_option("-o,--output", command->output,
                 ".npz archive to write: quantized and dequantized weights, for eval")
      ->required();
  app.add_option("--threads", command->threads, "threads; no result depends on it (all cores)")
      ->check(CLI::Range(1, 1024));
  return [command](Console& console) { return quantize(*command, console); };
}

}  // namespace mxsim
