#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

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
  std::vector<std::string> sets;
};

/// DRAMsim3 has more than its profile here, which is the part that was compared with it.
void check_dramsim3(const DramDevice& device) {
  const auto lacks = [](const std::string& what) {
    throw InputError({{"", "--profile", "dramsim3 has no " + what}});
  };
  if (device.refresh.mode == RefreshMode::kPerBank) lacks("refresh by bank");
  if (device.page_policy == PagePolicy::kTimeout) lacks("row timeouts");
  if (device.power_down.mode != PowerDownMode::kNone) lacks("power-down");
}

int dram(const DramOptions& options, Console& console) {
  const DramProfile profile = parse_choice(options.profile, kProfileNames, "--profile");
  std::vector<Override> overrides;
  for (const std::string& set : options.sets) overrides.push_back(parse_override(set));
  DramDevice device = load_dram_device(options.device, overrides);
  if (options.channels > 0) device = with_channels(std::move(device), options.channels);
  if (device.ideal && profile != DramProfile::kFrfcfs) {
    throw InputError({{"", "--profile", "an ideal device has no queues to choose"}});
  }
  if (profile == DramProfile::kDramsim3) check_dramsim3(device);
  std::optional<CommandCsv> log;
  if (!options.commands.empty()) log.emplace(device, options.commands);
  TraceReplay replay(device, profile, log ? &*log : nullptr);
  read_trace(options.trace, device.organisation.capacity_bytes(),
             [&](const TraceRequest& request) { replay.play(request); });
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
  app.add_option("--set", options->sets, "/json/pointer=value: a key of the device to change");
  return [options](Console& console) { return dram(*options, console); };
}

}  // namespace mxsim
