#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <initializer_list>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>

#include "models/core/reuse.h"
#include "models/formats/format_definition.h"
#include "models/formats/format_table.h"
#include "models/workload/format_rules.h"
#include "sim/cli/command_table.h"
#include "sim/cli/format_list.h"
#include "sim/cli/mapping_cache_option.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/cli/simulations.h"
#include "sim/cli/worker_count.h"
#include "sim/config/choices.h"
#include "sim/config/skip_config.h"
#include "sim/output/output_set.h"
#include "sim/report/assumption_text.h"
#include "sim/report/compare_text.h"
#include "sim/report/fpga_report.h"
#include "sim/report/outlook_text.h"
#include "sim/report/run_json.h"
#include "sim/report/skip_text.h"
#include "sim/run/assumption_effects.h"
#include "sim/run/fpga_run.h"
#include "sim/train/evaluation.h"
#include "sim/train/weight_files.h"
#include "sim/workers/forked_workers.h"

namespace mxsim {
namespace {

enum class ColourChoice : std::uint8_t { kAuto, kAlways, kNever };

constexpr std::array<Choice<EqualCost>, 3> kEqualCostNames{
    {{"pe", EqualCost::kPes}, {"array", EqualCost::kArray}, {"area", EqualCost::kArea}}};
constexpr std::array<Choice<ColourChoice>, 3> kColourNames{{{"auto", ColourChoice::kAuto},
                                                            {"always", ColourChoice::kAlways},
                                                            {"never", ColourChoice::kNever}}};

struct CompareCommand {
  RunOptions options;
  std::vector<std::string> formats{"bf16", "mxfp8_e4m3", "mxsf"};
  std::vector<std::string> recipes;
  std::string baseline = "bf16";
  std::string iso = "pe";
  std::optional<std::int64_t> iso_edge;
  std::string colour = "auto";
  bool sensitivity = false;
  bool assumptions = false;
  bool no_reuse = false;
  bool dry_run = false;
  std::size_t jobs = 0;       ///< 0: all cores
  std::string mapping_cache;  ///< folder; "": none
  std::string data;
  std::vector<std::string> weights;
  int threads = 0;
};

/// Policies of --skip, by comma; one empty text without it.
std::vector<std::string> skip_policies(const CompareCommand& command) {
  std::vector<std::string> policies;
  std::stringstream list(command.options.skip);
  for (std::string each; std::getline(list, each, ',');) policies.push_back(each);
  if (policies.empty()) policies.emplace_back();
  return policies;
}

/// Settings of blocks and of scales are for the formats that have them, if any of those compared
/// does.
void leave_out_for(const CompareCommand& command, const std::string& label,
                   std::vector<std::string>& sets) {
  const std::vector<std::string> formats = whole_format_names(command.formats);
  const auto leave_out = [&](std::initializer_list<std::string_view> pointers, auto has_use) {
    const auto uses = [&](const std::string& format) {
      const FormatSpec spec = parse_format(format);
      return has_use(DataLayout{spec, spec.default_block});
    };
    const bool meant_for_others =
        !command.recipes.empty() || std::any_of(formats.begin(), formats.end(), uses);
    if (uses(label) || !meant_for_others) return;
    std::erase_if(sets, [&](const std::string& set) {
      return std::find(pointers.begin(), pointers.end(), set.substr(0, set.find('='))) !=
             pointers.end();
    });
  };
  leave_out({"/formats/transpose", "/formats/block"},
            [](const DataLayout& layout) { return is_block_scaled(layout.format); });
  leave_out({"/formats/tensor_scale"}, scales_whole_tensor);
}

ComparedConfig load_format(const CompareCommand& command, const std::string& label) {
  RunOptions options = command.options;
  leave_out_for(command, label, options.sets);
  options.skip = skip_policies(command).front();
  const LabelledRun run = load_format(options, label);
  return {run.label, run.config};
}

ComparedConfig load_recipe(const CompareCommand& command, const std::string& name) {
  RunOptions options = command.options;
  options.recipe = name;
  options.skip = skip_policies(command).front();
  return {"recipe " + name, load_run(options)};
}

/// The comparison once for each policy; savings refer to the baseline with the first one.
void add_skip_policies(const CompareCommand& command, Comparison& comparison) {
  const std::vector<std::string> policies = skip_policies(command);
  if (policies.size() == 1) return;
  std::vector<ComparedConfig> configs;
  for (const std::string& policy : policies) {
    const SkipPolicy skips = parse_choice(policy, kSkipPolicyNames, "--skip");
    for (ComparedConfig each : comparison.configs) {
      each.label += " " + policy;
      state_skips(each.config.workload, skips);
      const std::vector<Diagnostic> faults = validate(each.config);
      if (!faults.empty()) throw InputError(faults);
      configs.push_back(std::move(each));
    }
  }
  comparison.configs = std::move(configs);
}

/// The configurations to run, each checked before the first one runs; the baseline is among them.
Comparison comparison_of(const CompareCommand& command) {
  Comparison comparison;
  comparison.equal = parse_choice(command.iso, kEqualCostNames, "--iso");
  if (command.iso_edge) {
    comparison.edge = *command.iso_edge;
    if (comparison.equal == EqualCost::kPes) {
      throw InputError("--iso-edge: sizes arrays at equal area, expected --iso area or array");
    }
  }
  const DefinedFormats scope(formats_defined_in(command.options));
  for (const std::string& label : whole_format_names(command.formats)) {
    comparison.configs.push_back(load_format(command, label));
  }
  for (const std::string& name : command.recipes) {
    comparison.configs.push_back(load_recipe(command, name));
  }
  ComparedConfig baseline = load_format(command, command.baseline);
  std::vector<ComparedConfig>& all = comparison.configs;
  const auto found = std::find_if(all.begin(), all.end(), [&](const ComparedConfig& each) {
    return each.label == baseline.label;
  });
  comparison.baseline = found == all.end() ? 0 : static_cast<std::size_t>(found - all.begin());
  if (found == all.end()) all.insert(all.begin(), std::move(baseline));
  add_skip_policies(command, comparison);
  return comparison;
}

/// What stands beside the reports of the runs, as those.
struct RunAdditions {
  std::vector<std::optional<SkipReport>> skips;
  std::vector<std::pair<std::string, std::optional<FpgaCost>>> fpga;
};

RunAdditions additions(const std::vector<ComparedConfig>& configs, const CompareReport& report) {
  RunAdditions all;
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    all.skips.push_back(skip_report(configs[i].config, report.runs[i].report.result));
    all.fpga.emplace_back(report.runs[i].label, fpga_cost(configs[i].config));
  }
  return all;
}

nlohmann::ordered_json whole_json(const CompareReport& report, const RunAdditions& all) {
  nlohmann::ordered_json json = to_json(report);
  for (std::size_t i = 0; i < report.runs.size(); ++i) {
    nlohmann::ordered_json& run = json["runs"][i];
    const auto add = [&](const char* key, const nlohmann::ordered_json& part) {
      run[key] = part;
      run["report"][key] = part;
    };
    if (all.skips[i]) add("skips", to_json(*all.skips[i], report.runs[i].report.time_s));
    if (all.fpga[i].second) add("fpga", to_json(*all.fpga[i].second));
  }
  return json;
}

void write_results(const CompareReport& report, const nlohmann::ordered_json& json,
                   const std::string& folder) {
  OutputSet results;
  results.folder(folder);
  results.write(folder + "/compare.json", json.dump(1) + "\n");
  results.write(folder + "/compare.csv", compare_csv(report));
  if (!report.assumptions.empty()) {
    results.write(folder + "/assumptions.csv", assumptions_csv(report));
  }
  results.commit();
}

TextStyle style_of(const CompareCommand& command, const Console& console) {
  TextStyle style = console.text;
  const ColourChoice choice = parse_choice(command.colour, kColourNames, "--color");
  if (choice != ColourChoice::kAuto) {
    style.colour = choice == ColourChoice::kAlways ? Colour::kOn : Colour::kOff;
  }
  if (command.assumptions) style.assumptions = AssumptionList::kWhole;
  return style;
}

/// What assumptions are changed in: sizes that a search chose stay as they are.
Comparison with_given_sizes(const Comparison& given, const Comparison& sized) {
  if (given.equal != EqualCost::kArea) return given;
  Comparison fixed = sized;
  fixed.equal = EqualCost::kPes;
  return fixed;
}

void simulate_ahead(const Comparison& comparison, Simulations& simulations) {
  std::vector<RunConfig> configs;
  for (const ComparedConfig& each : comparison.configs) configs.push_back(each.config);
  simulations.cache().simulate_ahead(configs, simulations.side_by_side("simulations"));
}

/// Adds those that follow and are known.
void add_finished(const Comparison& comparison, RunCache& cache, std::vector<RunReport>& reports) {
  while (reuses_work() && reports.size() < comparison.configs.size()) {
    const RunConfig& config = comparison.configs[reports.size()].config;
    if (!cache.knows(config)) break;
    reports.push_back(cache.run(config, ""));
  }
}

/// What could be compared before an interrupt; empty without a finished baseline. The comparison
/// gets the sizes that equal cost asks for.
std::optional<CompareReport> compared(const CompareCommand& command, Comparison& comparison,
                                      std::ostream& err, int& code) {
  Simulations simulations(command.jobs, err);
  RunCache& cache = simulations.cache();
  std::optional<NoReuse> no_reuse;
  if (command.no_reuse) no_reuse.emplace();
  std::vector<RunReport> reports;
  std::optional<CompareReport> report;
  const std::uint64_t seed = comparison.configs.front().config.seed;
  const Comparison given = comparison;
  bool sized = false;
  try {
    comparison = at_equal_cost(given, cache, simulations.side_by_side("formats"));
    sized = true;
    simulate_ahead(comparison, simulations);
    for (const ComparedConfig& each : comparison.configs) {
      reports.push_back(cache.run(each.config, each.config.workload.name + " " + each.label));
    }
    report = compare_runs(comparison, std::move(reports), seed);
    if (command.sensitivity) {
      add_assumption_effects(with_given_sizes(given, comparison), cache, *report,
                             simulations.side_by_side("simulations"));
    }
  } catch (const Interrupted&) {
    simulations.end_progress();
    code = kExitFailure;
    err << "interrupted: " << cache.simulations() << " simulations finished\n";
    if (report || !sized) return report;
    add_finished(comparison, cache, reports);
    if (comparison.baseline < reports.size()) {
      report = compare_runs(comparison, std::move(reports), seed);
    }
  }
  return report;
}

void check_data_options(const CompareCommand& command) {
  if (command.data.empty() == command.weights.empty()) return;
  throw InputError(command.data.empty() ? "--weights: expected --data with it"
                                        : "--data: expected --weights with it");
}

/// Accuracy in each configuration's formats, in their order; empty without data.
std::vector<MeasuredAccuracy> accuracies_of(const CompareCommand& command,
                                            const Comparison& comparison) {
  std::vector<MeasuredAccuracy> accuracies;
  if (command.data.empty()) return accuracies;
  const RunConfig first = inference_of(comparison.configs.front().config);
  const NetworkEnds ends = network_ends(first.workload, lowering_policy(first).dimensions);
  const Dataset data = dataset_for(command.data, ends);
  const std::vector<WeightFile> weights = read_weight_files(command.weights);
  Workers workers(worker_count(command.threads));
  for (const ComparedConfig& each : comparison.configs) {
    const Evaluation found =
        evaluate(inference_of(each.config), data, weights, Statistics::kNone, workers);
    accuracies.push_back(
        {found.accuracy.mean, found.accuracy.low, found.accuracy.high, found.samples});
  }
  return accuracies;
}

int show_outlooks(const CompareCommand& command, const Comparison& comparison, Console& console) {
  const std::size_t jobs = command.jobs > 0 ? command.jobs : available_cores();
  LabelledOutlooks outlooks;
  for (const ComparedConfig& each : comparison.configs) {
    outlooks.emplace_back(each.label, run_outlook(each.config));
  }
  if (console.json()) {
    console.out << to_json(outlooks, jobs).dump(1) << '\n';
    return kExitDone;
  }
  console.out << outlook_table(outlooks, jobs, console.text.width);
  if (command.sensitivity || comparison.equal == EqualCost::kArea) {
    console.out << "The simulations of --sensitivity and --iso area come on top.\n";
  }
  return kExitDone;
}

int compare(const CompareCommand& command, Console& console) {
  check_data_options(command);
  Comparison comparison = comparison_of(command);
  if (command.dry_run) return show_outlooks(command, comparison, console);
  const TextStyle style = style_of(command, console);
  const std::string& folder = command.options.out;
  if (!folder.empty()) {
    try_outputs(folder, {folder + "/compare.json", folder + "/compare.csv",
                         command.sensitivity ? folder + "/assumptions.csv" : ""});
  }
  note_interrupts("interrupted: nothing was written\n");
  const RememberMappings remember(command.mapping_cache, console.err);
  int code = kExitDone;
  const std::vector<MeasuredAccuracy> accuracies = accuracies_of(command, comparison);
  std::optional<CompareReport> report = compared(command, comparison, console.err, code);
  if (!report) return kExitFailure;
  const RunAdditions added = additions(comparison.configs, *report);
  for (std::size_t i = 0; i < std::min(accuracies.size(), report->runs.size()); ++i) {
    report->runs[i].accuracy = accuracies[i];
  }
  const nlohmann::ordered_json json = whole_json(*report, added);
  if (!folder.empty()) write_results(*report, json, folder);
  if (console.json()) {
    console.out << json.dump(1) << '\n';
  } else {
    console.out << compare_text(*report, style) << fpga_table(added.fpga, style.width);
    if (!command.options.skip.empty()) console.out << skip_table(*report, added.skips, style.width);
  }
  return code;
}

}  // namespace

CommandAction set_up_compare(CLI::App& app) {
  const auto command = std::make_shared<CompareCommand>();
  add_run_options(app, command->options);
  app.get_option("--skip")->description(
      "residual additions, instead of the run file's: keep, shorten or remove; several, by comma, "
      "stand beside each other, and savings refer to the first");
  app.add_option("--formats", command->formats,
                 "formats of all GEMM operands, by comma; FORMAT:RxC for blocks of R x C elements")
      ->delimiter(',')
      ->capture_default_str();
  app.add_option("--recipes", command->recipes,
                 "recipes (mxsim formats) that stand beside the formats, by comma")
      ->delimiter(',');
  app.add_option("--baseline", command->baseline, "format that savings refer to")
      ->capture_default_str();
  app.add_option(
         "--iso", command->iso,
         "pe: every format has the array of the chip file; array: each format's array fills "
         "the silicon of the baseline's chip beside the same buffers; area: each format, "
         "the baseline too, has the array and buffers with the least energy-delay product "
         "that a search finds in that silicon (some 50 simulations a format)")
      ->capture_default_str();
  app.add_option("--iso-edge", command->iso_edge,
                 "rows and columns of arrays at equal area are multiples of it; 8 keeps the tiles "
                 "of MX formats whole and divides most layers' channels (8)")
      ->check(CLI::Range(1, 1024));
  app.add_flag("--sensitivity", command->sensitivity,
               "change every assumption alone and simulate again where needed: the table of what "
               "the saving rests on (about 20 simulations a format)");
  app.add_option("--jobs", command->jobs,
                 "processes that simulate side by side; no result depends on it (all cores)")
      ->check(CLI::Range(1, 4096));
  add_mapping_cache_option(app, command->mapping_cache);
  app.add_flag("--dry-run", command->dry_run,
               "say what memory each run needs and how long it will take instead of running");
  app.add_flag("--no-reuse", command->no_reuse,
               "do repeated and identical work again instead of once: slower, the same results");
  app.add_flag("--assumptions", command->assumptions, "list every assumption of the last format");
  app.add_option("--data", command->data,
                 "folder with a data set, as of train: the table has the accuracy of --weights in "
                 "each format");
  app.add_option("--weights", command->weights,
                 "weights for --data, by comma: .npz archives, such as checkpoints of train, or "
                 "ONNX models")
      ->delimiter(',');
  app.add_option("--threads", command->threads,
                 "threads of --data; no result depends on it (all cores)")
      ->check(CLI::Range(1, 1024));
  app.add_option("--color", command->colour,
                 "auto (on a terminal, unless NO_COLOR is set), always or never")
      ->capture_default_str();
  return [command](Console& console) { return compare(*command, console); };
}

}  // namespace mxsim
