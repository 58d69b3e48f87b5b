#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/core/reuse.h"
#include "sim/cli/command_table.h"
#include "sim/cli/mapping_cache_option.h"
#include "sim/cli/printable.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/config/choices.h"
#include "sim/output/output_set.h"
#include "sim/report/explain_report.h"
#include "sim/report/outlook_text.h"
#include "sim/report/run_document.h"
#include "sim/report/run_json.h"
#include "sim/report/run_text.h"
#include "sim/report/skip_text.h"
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
  bool no_reuse = false;
  bool dry_run = false;
  std::string mapping_cache;  ///< folder; "": none
  std::int64_t steps = 0;     ///< of a diffusion network's sampling; 0: none
  bool guided = false;
};

/// An image of a diffusion network: one inference for each step, or two with classifier-free
/// guidance (Ho and Salimans, arXiv 2207.12598), which share a batch.
struct Sampling {
  std::int64_t steps = 0;
  std::int64_t inferences = 0;  ///< of an image
  double macs = 0;              ///< of an image, as the rest
  double time_s = 0;
  double energy_pj = 0;
};

std::optional<Sampling> sampling(const RunCommand& command, const RunReport& report) {
  if (command.steps == 0) return std::nullopt;
  const std::int64_t passes = command.guided ? 2 : 1;
  const double steps_of_image =
      static_cast<double>(command.steps * passes) / static_cast<double>(report.identity.batch);
  return Sampling{command.steps, command.steps * passes,
                  static_cast<double>(report.macs) * steps_of_image, report.time_s * steps_of_image,
                  report.energy_pj.value * steps_of_image};
}

std::string sampling_text(const Sampling& each) {
  return fmt::format("an image     {} steps, {} inferences: {:.4g} GMAC, {:.4g} s, {:.4g} J\n",
                     each.steps, each.inferences, each.macs * 1e-9, each.time_s,
                     each.energy_pj * 1e-12);
}

/// Refuses places that cannot be written before anything runs.
void try_results(const RunCommand& command) {
  std::vector<std::string> files{command.timeline, command.vcd};
  const std::string& folder = command.options.out;
  if (!folder.empty()) files.insert(files.end(), {folder + "/report.json", folder + "/layers.csv"});
  try_outputs(folder, files);
}

nlohmann::ordered_json whole_json(const RunReport& report, const RunConfig& config,
                                  const std::optional<Sampling>& image) {
  nlohmann::ordered_json json = run_document(report, config);
  if (image) {
    json["sampling"] = {{"steps", image->steps},
                        {"inferences", image->inferences},
                        {"macs", image->macs},
                        {"time_s", image->time_s},
                        {"energy_pj", image->energy_pj}};
  }
  return json;
}

void write_results(const RunReport& report, const nlohmann::ordered_json& json,
                   const RunConfig& config, const RunCommand& command, const Timeline* timeline,
                   OutputSet& results) {
  const std::string& folder = command.options.out;
  if (!folder.empty()) {
    results.folder(folder);
    results.write(folder + "/report.json", json.dump(1) + "\n");
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

int show_outlook(const RunConfig& config, Console& console) {
  const RunOutlook outlook = run_outlook(config);
  if (console.json()) {
    console.out << to_json(outlook).dump(1) << '\n';
  } else {
    console.out << fmt::format("{}, {}, batch {}, {}: fits its chip\n",
                               printable(config.workload.name),
                               choice_name(config.mode, kModeNames), config.batch,
                               config.formats.format.name)
                << outlook_text(outlook, console.text.width);
  }
  return kExitDone;
}

void check_sampling(const RunCommand& command, const RunConfig& config) {
  if (command.steps == 0 && command.guided) {
    throw InputError("--guidance: doubles the inferences of a step, expected --steps with it");
  }
  if (command.steps == 0) return;
  if (config.mode != Mode::kInfer || config.generate > 0) {
    throw InputError("--steps: steps of an image are inferences, expected mode infer");
  }
  if (command.guided && config.batch % 2 != 0) {
    throw InputError(
        fmt::format("--guidance: got a batch of {}, expected an even one: both inferences of a "
                    "step share it",
                    config.batch));
  }
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
  check_sampling(command, config);
  if (config.generate > 0) refuse_single_step_options(command);
  std::optional<RememberMappings> remember;
  if (!command.mapping_cache.empty()) remember.emplace(command.mapping_cache, console.err);
  if (command.dry_run) return show_outlook(config, console);
  if (!command.explain.empty()) return explain(config, command.explain, console);
  try_results(command);
  OutputSet results;
  std::optional<NoReuse> no_reuse;
  if (command.no_reuse) no_reuse.emplace();
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
  const std::optional<Sampling> image = sampling(command, report);
  const nlohmann::ordered_json json = whole_json(report, config, image);
  write_results(report, json, config, command, timeline ? &*timeline : nullptr, results);
  if (console.json()) {
    console.out << json.dump(1) << '\n';
  } else {
    TextStyle style = console.text;
    if (command.assumptions) style.assumptions = AssumptionList::kWhole;
    console.out << run_text(report, style);
    if (image) console.out << sampling_text(*image);
    if (!command.options.skip.empty()) {
      console.out << skip_text(report, skip_report(config, report.result), style.width);
    }
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
  app.add_option("--steps", command->steps,
                 "of a network that denoises: inferences in sequence that make an image")
      ->check(CLI::Range(1, 1000000));
  app.add_flag("--guidance", command->guided,
               "classifier-free guidance: two inferences a step, in one batch");
  add_mapping_cache_option(app, command->mapping_cache);
  app.add_flag("--dry-run", command->dry_run,
               "say what memory the run needs and how long it will take instead of running");
  app.add_flag("--bits", command->bits,
               "compute the results of every GEMM and report their hashes (always so in pe)");
  app.add_flag("--no-reuse", command->no_reuse,
               "do repeated and identical work again instead of once: slower, the same results");
  app.add_flag("--assumptions", command->assumptions, "list every assumption");
  app.add_option(
      "--operands", command->operands,
      "folder of VALUE.npy files: operands that are given instead of drawn; implies --bits");
  return [command](Console& console) { return run(*command, console); };
}

}  // namespace mxsim
