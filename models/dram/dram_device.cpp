#include "models/dram/dram_device.h"

#include <algorithm>

#include "models/core/shape.h"

namespace mxsim {

std::int64_t DramOrganisation::count(DramLevel level) const {
  std::int64_t nodes = 1;
  if (level >= DramLevel::kPseudoChannel) nodes *= pseudo_channels;
  if (level >= DramLevel::kRank) nodes *= ranks;
  if (level >= DramLevel::kBankGroup) nodes *= bank_groups;
  if (level >= DramLevel::kBank) nodes *= banks;
  return nodes;
}

std::int64_t DramOrganisation::banks_under(DramLevel level) const {
  return count(DramLevel::kBank) / count(level);
}

std::int64_t DramOrganisation::capacity_bytes() const {
  return elements({channels, count(DramLevel::kBank), rows, bursts, burst_bytes});
}

double DramDevice::peak_bytes_per_s() const {
  if (ideal) {
    return static_cast<double>(organisation.channels * ideal->bytes_per_cycle) *
           static_cast<double>(clock_hz);
  }
  const auto buses = static_cast<double>(organisation.channels * organisation.pseudo_channels);
  return buses * static_cast<double>(organisation.burst_bytes) * static_cast<double>(clock_hz) /
         static_cast<double>(burst_cycles);
}

std::int64_t DramDevice::data_bus_gap_cycles(DramCommand preceding, DramCommand following) const {
  const auto latency = [this](DramCommand c) {
    return is_read(c) ? read_latency_cycles : write_latency_cycles;
  };
  return latency(preceding) + burst_cycles - latency(following);
}

std::int64_t DramDevice::self_gap_cycles(DramCommand c) const {
  std::int64_t gap = command(c).bus_cycles;
  if (is_column(c)) gap = std::max(gap, data_bus_gap_cycles(c, c));
  for (const TimingRule& rule : rules) {
    const bool applies = rule.preceding == c && rule.following == c && rule.window == 1 &&
                         rule.scope == RuleScope::kSame;
    if (applies) gap = std::max(gap, rule.cycles);
  }
  return gap;
}

std::int64_t DramDevice::least_column_gap_cycles() const {
  const auto gap_of = [this](DramCommand c) {
    std::int64_t gap = command(c).bus_cycles;
    if (organisation.pseudo_channels == 1) gap = std::max(gap, data_bus_gap_cycles(c, c));
    for (const TimingRule& rule : rules) {
      const bool spans = rule.scope == RuleScope::kSame && organisation.count(rule.level) == 1;
      if (spans && rule.preceding == c && rule.following == c && rule.window == 1) {
        gap = std::max(gap, rule.cycles);
      }
    }
    return gap;
  };
  return std::max<std::int64_t>(1,
                                std::min(gap_of(DramCommand::kRead), gap_of(DramCommand::kWrite)));
}

}  // namespace mxsim
