#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "models/formats/format_table.h"
#include "sim/cli/command_table.h"
#include "sim/cli/progress.h"
#include "sim/cli/run_options.h"
#include "sim/report/compare_text.h"
#include "sim/report/output_file.h"
#include "sim/report/run_json.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

struct CompareCommand {
  RunOptions options;
  std::vector<std::string> formats{"bf16", "mxfp8_e4m3", "mxsf"};
  std::string baseline = "bf16";
};

/// The configurations to run, each checked before the first one runs; the baseline is among them.
std::vector<RunConfig> configurations(const CompareCommand& command) {
  std::vector<std::string> formats = command.formats;
  if (std::find(formats.begin(), formats.end(), command.baseline) == formats.end()) {
    formats.insert(formats.begin(), command.baseline);
  }
  std::vector<RunConfig> configs;
  for (const std::string& format : formats) {
    RunOptions options = command.options;
    options.format = format;
    configs.push_back(load_run(options));
  }
  return configs;
}

void write_results(const CompareReport& report, const std::string& folder) {
  make_folder(folder);
  write_file(folder + "/compare.json", to_json(report).dump(1) + "\n");
  write_file(folder + "/compare.csv", compare_csv(report));
}

int compare(const CompareCommand& command, Console& console) {
  const std::vector<RunConfig> configs = configurations(command);
  note_interrupts();
  std::vector<RunReport> reports;
  int code = kExitDone;
  try {
    for (const RunConfig& config : configs) {
      Progress progress(console.err, config.workload.name + " " + config.formats.format.name);
      RunExtras extras;
      extras.progress = [&](std::size_t done, std::size_t all) { progress.update(done, all); };
      reports.push_back(run_once(config, extras));
    }
  } catch (const Interrupted&) {
    code = kExitFailure;
    console.err << "interrupted: " << reports.size() << " of " << configs.size()
                << " formats finished\n";
  }
  const std::string baseline = parse_format(command.baseline).name;
  const bool has_baseline = std::any_of(reports.begin(), reports.end(), [&](const RunReport& each) {
    return each.identity.format == baseline;
  });
  if (!has_baseline) return kExitFailure;
  const CompareReport report = compare_runs(std::move(reports), baseline, configs.front().seed);
  if (!command.options.out.empty()) write_results(report, command.options.out);
  if (console.json()) {
    console.out << to_json(report).dump(1) << '\n';
  } else {
    console.out << compare_text(report);
  }
  return code;
}

}  // namespace

CommandAction set_up_compare(CLI::App& app) {
  const auto command = std::make_shared<CompareCommand>();
  add_run_options(app, command->options);
  app.add_option("--formats", command->formats, "formats of all GEMM operands, by comma")
      ->delimiter(',');
  app.add_option("--baseline", command->baseline, "format that savings refer to");
  return [command](Console& console) { return compare(*command, console); };
}

}  // namespace mxsim
