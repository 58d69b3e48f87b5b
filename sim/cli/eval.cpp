#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "models/core/error.h"
#include "sim/cli/command_table.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/cli/worker_count.h"
#include "sim/report/eval_report.h"
#include "sim/report/output_set.h"
#include "sim/run/run_once.h"
#include "sim/train/checkpoint.h"

namespace mxsim {
namespace {

struct EvalCommand {
  RunOptions options;
  std::string data;
  std::string weights;
  int threads = 0;
};

int evaluate(const EvalCommand& command, Console& console) {
  RunOptions options = command.options;
  options.mode = "infer";
  const RunConfig config = load_run(options);
  const Dataset data = read_dataset(command.data);
  const NetworkEnds ends = network_ends(config.workload, lowering_policy(config).dimensions);
  check_dataset(data, command.data, ends.input, ends.classes);
  const NetworkTensors weights = read_weights(command.weights);
  const std::string& folder = command.options.out;
  if (!folder.empty()) try_outputs(folder, {folder + "/eval.json"});
  note_interrupts("interrupted: nothing was written\n");
  Workers workers(worker_count(command.threads));
  InferredNetwork network(config.workload, lowering_policy(config), config.chip.array, workers);
  try {
    network.set(weights);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) fault.file = command.weights;
    throw InputError(std::move(faults));
  }
  EvalReport result;
  result.samples = data.test.count();
  result.accuracy = accuracy_interval(
      {accuracy(network, data.test, data.normalisation, config.batch)}, result.samples);
  result.format = config.formats.format.name;
  result.images = static_cast<double>(config.batch);
  try {
    Progress progress(console.err, config.workload.name);
    RunExtras extras;
    extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
    result.batch = run_once(config, extras);
  } catch (const Interrupted&) {
    console.err << "interrupted: nothing was written\n";
    return kExitFailure;
  }
  if (!folder.empty()) {
    OutputSet results;
    results.folder(folder);
    results.write(folder + "/eval.json", to_json(result).dump(1) + "\n");
    results.commit();
  }
  if (console.json()) {
    console.out << to_json(result).dump(1) << '\n';
  } else {
    console.out << eval_text(result);
  }
  return kExitDone;
}

}  // namespace

CommandAction set_up_eval(CLI::App& app) {
  const auto command = std::make_shared<EvalCommand>();
  add_run_options(app, command->options);
  app.add_option("--format", command->options.format, "format of all GEMM operands");
  app.add_option("--weights", command->weights,
                 ".npz archive of the parameters in FP32, such as a checkpoint of train")
      ->required();
  app.add_option("--data", command->data, "folder with the data set, as of train")->required();
  app.add_option("--threads", command->threads, "threads; no result depends on it (all cores)")
      ->check(CLI::Range(1, 1024));
  return [command](Console& console) { return evaluate(*command, console); };
}

}  // namespace mxsim
