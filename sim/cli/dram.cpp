#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "sim/cli/command_table.h"
#include "sim/config/choices.h"
#include "sim/config/dram_reader.h"
#include "sim/dram/trace_reader.h"
#include "sim/dram/trace_replay.h"
#include "sim/report/dram_report.h"

namespace mxsim {
namespace {

constexpr std::array<Choice<DramProfile>, 2> kProfileNames{
    {{"frfcfs", DramProfile::kFrfcfs}, {"dramsim3", DramProfile::kDramsim3}}};

struct DramOptions {
  std::string device;
  std::string trace;
  std::string profile = "frfcfs";
  std::int64_t channels = 0;
  std::string commands;
};

int dram(const DramOptions& options, Console& console) {
  const DramProfile profile = parse_choice(options.profile, kProfileNames, "--profile");
  DramDevice device = load_dram_device(options.device);
  if (options.channels > 0) device = with_channels(std::move(device), options.channels);
  if (device.ideal && profile != DramProfile::kFrfcfs) {
    throw InputError({{"", "--profile", "an ideal device has no queues to choose"}});
  }
  std::optional<CommandCsv> log;
  if (!options.commands.empty()) log.emplace(device, options.commands);
  TraceReplay replay(device, profile, log ? &*log : nullptr);
  read_trace(options.trace, [&](const TraceRequest& request) { replay.play(request); });
  const DramReport report{device, device.ideal ? "ideal" : options.profile, replay.finish()};
  if (log) log->commit();
  console.out << (console.json() ? dram_json(report) : dram_text(report));
  return kExitDone;
}

}  // namespace

CommandAction set_up_dram(CLI::App& app) {
  const auto options = std::make_shared<DramOptions>();
  app.add_option("--device", options->device, "device file (configs/dram/)")->required();
  app.add_option("--trace", options->trace,
                 "lines of 0xADDRESS READ|WRITE CYCLE, plain or gzip; cycles of the DRAM clock")
      ->required();
  app.add_option("--profile", options->profile, "queues and arbitration: frfcfs or dramsim3")
      ->capture_default_str();
  app.add_option("--channels", options->channels, "channels instead of the device's own number")
      ->check(CLI::Range(1, 256));
  app.add_option("--commands", options->commands, "write every command to this CSV file");
  return [options](Console& console) { return dram(*options, console); };
}

}  // namespace mxsim
