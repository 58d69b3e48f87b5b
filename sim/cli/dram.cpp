#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "models/dram/traffic.h"
#include "sim/cli/command_table.h"
#include "sim/cli/printable.h"
#include "sim/cli/progress.h"
#include "sim/config/chip_config.h"
#include "sim/config/choices.h"
#include "sim/config/dram_reader.h"
#include "sim/config/load.h"
#include "sim/dram/trace_reader.h"
#include "sim/dram/trace_replay.h"
#include "sim/output/output_set.h"
#include "sim/report/dram_report.h"

namespace mxsim {
namespace {

constexpr std::array<Choice<DramProfile>, 2> kProfileNames{
    {{"frfcfs", DramProfile::kFrfcfs}, {"dramsim3", DramProfile::kDramsim3}}};
constexpr std::array<Choice<TrafficPattern>, 4> kPatternNames{
    {{"sequential", TrafficPattern::kSequential},
     {"streams", TrafficPattern::kStreams},
     {"tiles", TrafficPattern::kTiles},
     {"random", TrafficPattern::kRandom}}};
constexpr std::int64_t kMostParts = 1'000'000;

struct DramOptions {
  std::string device;
  std::string trace;
  std::string profile = "frfcfs";
  std::int64_t channels = 0;
  std::string commands;
  std::vector<std::string> sets;
  std::vector<std::string> scheduler;
  std::string traffic;
  bool has_traffic = false;
  std::int64_t requests = 16384;
  std::uint64_t seed = 1;
  std::string write_trace;
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

/// "random:2:1": pattern, reads, writes.
TrafficSpec parse_traffic(const DramOptions& options, std::int64_t capacity_bytes) {
  const auto refuse = [&] {
    throw InputError({{"", "--traffic",
                       "got " + printable(options.traffic) +
                           ", expected PATTERN:READS:WRITES as in random:2:1 (sequential, streams, "
                           "tiles, random; numbers 0..1000000, not both 0)"}});
  };
  std::vector<std::string> parts;
  std::istringstream text(options.traffic);
  for (std::string part; std::getline(text, part, ':');) parts.push_back(part);
  if (parts.size() != 3 || options.traffic.ends_with(':')) refuse();
  TrafficSpec spec;
  spec.pattern = parse_choice(parts[0], kPatternNames, "--traffic");
  for (auto [part, member] : {std::pair{&parts[1], &spec.reads}, {&parts[2], &spec.writes}}) {
    const char* end = part->data() + part->size();
    const auto parsed = std::from_chars(part->data(), end, *member);
    if (parsed.ec != std::errc() || parsed.ptr != end || *member < 0 || *member > kMostParts)
      refuse();
  }
  if (spec.reads + spec.writes == 0) refuse();
  spec.seed = options.seed;
  if (capacity_bytes < Traffic::kLineBytes) {
    throw InputError({{"", "--traffic",
                       fmt::format("the device holds {} bytes, expected at least a line of {}",
                                   capacity_bytes, Traffic::kLineBytes)}});
  }
  spec.region_bytes = std::min(spec.region_bytes, capacity_bytes);
  return spec;
}

/// `copy` gets the trace; null: nothing does.
void replay_traffic(const DramOptions& options, const DramDevice& device, TraceReplay& replay,
                    OutputFile* copy, std::ostream& err) {
  constexpr std::int64_t kShown = 1 << 14;  // requests between two looks at the clock
  Progress progress(err, "dram", "requests", Progress::Begin::kLate);
  Traffic traffic(parse_traffic(options, device.organisation.capacity_bytes()));
  const std::int64_t step = std::min(Traffic::kLineBytes, device.organisation.burst_bytes);
  for (std::int64_t i = 0; i < options.requests; ++i) {
    if (i % kShown == 0) {
      progress.update(static_cast<std::size_t>(i), static_cast<std::size_t>(options.requests));
    }
    const auto [line, write] = traffic.next();
    for (std::int64_t address = line; address < line + Traffic::kLineBytes; address += step) {
      replay.play({address, write ? DramAccess::kWrite : DramAccess::kRead, 0});
      if (copy == nullptr) continue;
      copy->write(fmt::format("{:#x} {} 0\n", address, write ? "WRITE" : "READ"));
    }
  }
}

/// Cycles of all ranks together stay below 2^62, and a log of commands below kMostRefreshes rows of
/// an idle device.
TraceLimits limits_of(const DramOptions& options, const DramDevice& device) {
  constexpr std::int64_t kMostRankCycles = std::int64_t{1} << 62;
  constexpr std::int64_t kMostRefreshes = 10'000'000;
  const DramOrganisation& o = device.organisation;
  const std::int64_t ranks = o.channels * o.count(DramLevel::kRank);
  TraceLimits limits{o.capacity_bytes()};
  limits.last_cycle = std::min(limits.last_cycle, kMostRankCycles / ranks);
  const std::int64_t logged = device.refresh.interval_cycles * kMostRefreshes / ranks;
  const bool refreshes = !device.ideal && device.refresh.mode != RefreshMode::kNone;
  if (options.commands.empty() || !refreshes || logged > limits.last_cycle) return limits;
  limits.last_cycle = logged;
  limits.reason = fmt::format(": --commands would hold more than {} refreshes", kMostRefreshes);
  return limits;
}

FrfcfsSpec scheduler_of(const DramOptions& options) {
  std::vector<Override> overrides;
  for (const std::string& key : options.scheduler) {
    if (key.find('=') == std::string::npos) {
      throw InputError({{"", "--scheduler", "got " + printable(key) + ", expected KEY=VALUE"}});
    }
    Override change = parse_override(key.starts_with('/') ? key : "/" + key);
    change.file = "--scheduler";
    change.place = change.pointer;
    overrides.push_back(std::move(change));
  }
  return load_config<FrfcfsSpec>(Document::parse("{}", "--scheduler"), overrides);
}

/// Profile frfcfs alone has keys and serves an ideal device, which has no queues.
void check_profile(const DramOptions& options, const DramDevice& device, DramProfile profile) {
  if (device.ideal && profile != DramProfile::kFrfcfs) {
    throw InputError({{"", "--profile", "an ideal device has no queues to choose"}});
  }
  if (!options.scheduler.empty() && (device.ideal || profile != DramProfile::kFrfcfs)) {
    throw InputError({{"", "--scheduler", "only profile frfcfs on a timed device has these keys"}});
  }
  if (profile == DramProfile::kDramsim3) check_dramsim3(device);
}

int dram(const DramOptions& options, Console& console) {
  const DramProfile profile = parse_choice(options.profile, kProfileNames, "--profile");
  std::vector<Override> overrides;
  for (const std::string& set : options.sets) overrides.push_back(parse_override(set));
  DramDevice device = load_dram_device(options.device, overrides);
  if (options.channels > 0) {
    try {
      device = with_channels(std::move(device), options.channels);
    } catch (const InputError& error) {
      throw InputError({{"", "--channels", error.what()}});
    }
  }
  check_profile(options, device, profile);
  try_outputs("", {options.commands, options.write_trace});
  OutputSet outputs;
  std::optional<CommandCsv> log;
  if (!options.commands.empty()) log.emplace(device, outputs.file(options.commands));
  TraceReplay replay(device, profile, scheduler_of(options), log ? &*log : nullptr);
  if (!options.has_traffic) {
    read_trace(options.trace, limits_of(options, device),
               [&](const TraceRequest& request) { replay.play(request); });
  } else {
    replay_traffic(options, device, replay,
                   options.write_trace.empty() ? nullptr : &outputs.file(options.write_trace),
                   console.err);
  }
  const DramReport report{device, device.ideal ? "ideal" : options.profile, replay.finish()};
  if (log) log->finish();
  outputs.commit();
  console.out << (console.json() ? dram_json(report) : dram_text(report, console.text.width));
  return kExitDone;
}

}  // namespace

CommandAction set_up_dram(CLI::App& app) {
  const auto options = std::make_shared<DramOptions>();
  app.add_option("--device", options->device, "device file (configs/dram/)")->required();
  auto* trace = app.add_option(
      "--trace", options->trace,
      "lines of 0xADDRESS READ|WRITE CYCLE, plain or gzip; cycles of the DRAM clock");
  auto* traffic = app.add_option("--traffic", options->traffic,
                                 "instead: PATTERN:READS:WRITES as in random:2:1; sequential, "
                                 "streams, tiles or random lines of 64 bytes, back to back");
  CLI::Option_group* source = app.add_option_group("source");
  source->add_options(trace, traffic);
  source->require_option(1);
  app.add_option("--requests", options->requests, "lines of --traffic")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 40))
      ->needs(traffic)
      ->capture_default_str();
  app.add_option("--seed", options->seed, "of --traffic")->needs(traffic)->capture_default_str();
  app.add_option("--write-trace", options->write_trace, "write --traffic to this trace file")
      ->needs(traffic);
  app.add_option("--scheduler", options->scheduler,
                 "key=value of profile frfcfs, as below /chip/dram/scheduler (`mxsim describe`)");
  app.add_option("--profile", options->profile, "queues and arbitration: frfcfs or dramsim3")
      ->capture_default_str();
  app.add_option("--channels", options->channels, "channels instead of the device's own number")
      ->check(CLI::Range(1, 256));
  app.add_option("--commands", options->commands, "write every command to this CSV file");
  app.add_option("--set", options->sets, "/json/pointer=value: a key of the device to change");
  return [options, traffic](Console& console) {
    options->has_traffic = traffic->count() > 0;
    return dram(*options, console);
  };
}

}  // namespace mxsim
