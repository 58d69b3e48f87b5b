#include "sim/report/dram_report.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/report/text_table.h"
#include "sim/report/wrapped_lines.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kBufferBytes = 1 << 20;

struct CommandTotals {
  std::int64_t activate, precharge, read, write, refresh;
};

CommandTotals totals_of(const ChannelCounts& c) {
  return {c[DramCommand::kActivate], c[DramCommand::kPrecharge] + c[DramCommand::kPrechargeAll],
          c[DramCommand::kRead] + c[DramCommand::kReadAuto],
          c[DramCommand::kWrite] + c[DramCommand::kWriteAuto],
          c[DramCommand::kRefresh] + c[DramCommand::kRefreshBank]};
}

double seconds_of(const DramReport& report) {
  return static_cast<double>(report.result.total_cycles) /
         static_cast<double>(report.device.clock_hz);
}

}  // namespace

std::string dram_json(const DramReport& report) {
  const ReplayResult& result = report.result;
  const CommandTotals commands = totals_of(result.counts);
  const ReplayEnergy energy = energy_of(report.device, result);
  ordered_json json;
  json["device"] = report.device.name;
  json["profile"] = report.profile;
  json["channels"] = report.device.organisation.channels;
  json["cycles"] = result.total_cycles;
  json["time_s"] = seconds_of(report);
  json["requests"] = result.requests;
  json["reads"] = result.reads;
  json["bandwidth_bytes_per_s"] = result.bandwidth_bytes_per_s(report.device);
  json["peak_bytes_per_s"] = report.device.peak_bytes_per_s();
  json["clock_hz"] = report.device.clock_hz;
  json["burst_bytes"] = report.device.organisation.burst_bytes;
  json["utilization"] = result.utilization(report.device);
  json["read_latency_mean"] = result.read_latency.mean();
  json["read_latency_p99"] = result.read_latency.quantile(0.99);
  json["hits"] = result.counts.row_hits;
  json["row_empty"] = result.counts.row_empty;
  json["row_conflicts"] = result.counts.row_conflicts;
  json["commands"] = {{"ACT", commands.activate},
                      {"PRE", commands.precharge},
                      {"RD", commands.read},
                      {"WR", commands.write},
                      {"REF", commands.refresh},
                      {"PDE", result.counts[DramCommand::kPowerDown]},
                      {"PDX", result.counts[DramCommand::kPowerUp]}};
  json["answered_from_queues"] = result.requests - commands.read - commands.write;
  json["power_down_rank_cycles"] =
      result.counts.open_down_cycles + result.counts.closed_down_cycles;
  json["energy_pj"] = {{"activate", energy.activate_pj},     {"read", energy.read_pj},
                       {"write", energy.write_pj},           {"refresh", energy.refresh_pj},
                       {"background", energy.background_pj}, {"total", energy.total_pj()}};
  json["assumptions"] = report.device.assumptions;
  return json.dump(2) + "\n";
}

std::string dram_text(const DramReport& report, std::size_t width) {
  const ReplayResult& result = report.result;
  const CommandTotals commands = totals_of(result.counts);
  const ReplayEnergy energy = energy_of(report.device, result);
  TextTable table({{report.device.name}, {report.profile, Align::kRight}, {"unit"}});
  const auto count = [&](const char* name, std::int64_t value, const char* unit) {
    table.add_row({name, std::to_string(value), unit});
  };
  const auto number = [&](const char* name, double value, const char* unit) {
    table.add_row({name, fmt::format("{:.3f}", value), unit});
  };
  count("requests", result.requests, "");
  count("cycles", result.total_cycles, "cycle");
  number("time", seconds_of(report) * 1e6, "us");
  number("bandwidth", result.bandwidth_bytes_per_s(report.device) / 1e9, "GB/s");
  number("of peak", 100 * result.utilization(report.device), "%");
  number("read latency, mean", result.read_latency.mean(), "cycle");
  count("read latency, 99th percentile", result.read_latency.quantile(0.99), "cycle");
  count("row hits", result.counts.row_hits, "");
  count("row empty", result.counts.row_empty, "");
  count("row conflicts", result.counts.row_conflicts, "");
  count("ACT", commands.activate, "");
  count("PRE", commands.precharge, "");
  count("RD", commands.read, "");
  count("WR", commands.write, "");
  count("REF", commands.refresh, "");
  count("PDE", result.counts[DramCommand::kPowerDown], "");
  count("answered from queues", result.requests - commands.read - commands.write, "");
  number("energy, activate", energy.activate_pj / 1e6, "uJ");
  number("energy, read", energy.read_pj / 1e6, "uJ");
  number("energy, write", energy.write_pj / 1e6, "uJ");
  number("energy, refresh", energy.refresh_pj / 1e6, "uJ");
  number("energy, background", energy.background_pj / 1e6, "uJ");
  number("energy, total", energy.total_pj() / 1e6, "uJ");
  std::string text = table.text(Colour::kOff, width);
  for (const std::string& assumption : report.device.assumptions) {
    text += wrapped_lines("assumed: " + assumption, width, 2);
  }
  return text;
}

CommandCsv::CommandCsv(const DramDevice& device, OutputFile& file)
    : organisation_(device.organisation),
      file_(file),
      buffer_("cycle,cmd,channel,rank,bankgroup,bank,row,col\n") {}

void CommandCsv::record(const CommandRecord& c) {
  const std::int64_t rank = c.bank / organisation_.banks_under(DramLevel::kRank);
  std::int64_t group = c.bank / organisation_.banks % organisation_.bank_groups;
  std::int64_t bank = c.bank % organisation_.banks;
  const bool whole_rank =
      c.command == DramCommand::kRefresh || c.command == DramCommand::kPrechargeAll ||
      c.command == DramCommand::kPowerDown || c.command == DramCommand::kPowerUp;
  const bool has_row = c.command == DramCommand::kActivate || is_column(c.command);
  if (whole_rank) group = bank = -1;
  fmt::format_to(std::back_inserter(buffer_), "{},{},{},{},{},{},{},{}\n", c.cycle,
                 to_string(c.command), c.channel, rank, group, bank, has_row ? c.row : -1,
                 has_row ? c.burst : -1);
  if (buffer_.size() < kBufferBytes) return;
  file_.write(buffer_);
  buffer_.clear();
}

void CommandCsv::finish() {
  file_.write(buffer_);
  buffer_.clear();
}

}  // namespace mxsim
