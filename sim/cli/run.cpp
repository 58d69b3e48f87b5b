#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/cli/command_table.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/report/explain_report.h"
#include "sim/report/output_set.h"
#include "sim/report/run_json.h"
#include "sim/report/run_text.h"
#include "sim/report/timeline_json.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

struct RunCommand {
  RunOptions options;
  std::string timeline;
  std::string vcd;
  std::string operands;
  std::string explain;
  bool bits = false;
  bool assumptions = false;
};

/// Refuses places that cannot be written before anything runs.
void try_results(const RunCommand& command) {
  std::vector<std::string> files{command.timeline, command.vcd};
  const std::string& folder = command.options.out;
  if (!folder.empty()) files.insert(files.end(), {folder + "/report.json", folder + "/layers.csv"});
  try_outputs(folder, files);
}

void write_results(const RunReport& report, const RunConfig& config, const RunCommand& command,
                   const Timeline* timeline, OutputSet& results) {
  const std::string& folder = command.options.out;
  if (!folder.empty()) {
    results.folder(folder);
    results.write(folder + "/report.json", to_json(report).dump(1) + "\n");
    results.write(folder + "/layers.csv", layers_csv(report));
  }
  if (timeline != nullptr) {
    results.write(command.timeline, timeline_json(*timeline, config.chip.clock_hz));
  }
  results.commit();
}

/// In a folder that may have to be made first.
OutputFile& waveform_file(const RunCommand& command, OutputSet& results) {
  if (!command.options.out.empty()) results.folder(command.options.out);
  return results.file(command.vcd);
}

int explain(const RunConfig& config, const std::string& layer, Console& console) {
  const LayerExplanation explanation = explain_layer(config, layer);
  if (console.json()) {
    console.out << to_json(explanation).dump(1) << '\n';
  } else {
    console.out << explain_text(explanation, console.text.width);
  }
  return kExitDone;
}

void refuse_single_step_options(const RunCommand& command) {
  if (command.timeline.empty() && command.vcd.empty() && command.operands.empty() &&
      command.explain.empty() && !command.bits) {
    return;
  }
  throw InputError(
      "--timeline, --vcd, --operands, --bits and --explain are about one step: state --mode "
      "prefill "
      "or decode instead of a request");
}

int run(const RunCommand& command, Console& console) {
  note_interrupts("interrupted: nothing was written\n");
  const RunConfig config = load_run(command.options);
  if (config.generate > 0) refuse_single_step_options(command);
  if (!command.explain.empty()) return explain(config, command.explain, console);
  try_results(command);
  OutputSet results;
  std::optional<Timeline> timeline;
  if (!command.timeline.empty()) timeline.emplace();
  RunReport report;
  try {
    Progress progress(console.err, config.workload.name);
    RunExtras extras;
    const bool wants_bits = command.bits || !command.operands.empty();
    extras.bits = wants_bits ? ResultBits::kComputed : ResultBits::kSkipped;
    extras.operands = command.operands;
    if (!command.vcd.empty()) extras.vcd = &waveform_file(command, results);
    extras.timeline = timeline ? &*timeline : nullptr;
    extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
    report = run_once(config, extras);
  } catch (const Interrupted&) {
    console.err << "interrupted: nothing was written\n";
    return kExitFailure;
  }
  write_results(report, config, command, timeline ? &*timeline : nullptr, results);
  if (console.json()) {
    console.out << to_json(report).dump(1) << '\n';
  } else {
    TextStyle style = console.text;
    if (command.assumptions) style.assumptions = AssumptionList::kWhole;
    console.out << run_text(report, style);
  }
  return kExitDone;
}

}  // namespace

CommandAction set_up_run(CLI::App& app) {
  const auto command = std::make_shared<RunCommand>();
  add_run_options(app, command->options);
  app.add_option("--format", command->options.format, "format of all GEMM operands");
  app.add_option("--timeline", command->timeline, "file for a Chrome trace of what each unit did");
  app.add_option("--vcd", command->vcd,
                 "waveform file of every PE's registers (fidelity pe, at most 1024 PEs)");
  app.add_option("--explain", command->explain,
                 "layer: print how its GEMMs are mapped, what that moves and the runners-up, "
                 "instead of running");
  app.add_flag("--bits", command->bits,
               "compute the results of every GEMM and report their hashes (always so in pe)");
  app.add_flag("--assumptions", command->assumptions, "list every assumption");
  app.add_option(
      "--operands", command->operands,
      "folder of VALUE.npy files: operands that are given instead of drawn; implies --bits");
  return [command](Console& console) { return run(*command, console); };
}

}  // namespace mxsim
