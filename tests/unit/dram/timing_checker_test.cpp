#include "models/dram/timing_checker.h"

#include <gtest/gtest.h>

#include "models/core/rng.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using testing::all_devices;
using testing::ranked_devices;
using testing::without_column_rules;

/// A bank in the relation that the rule speaks of, or -1 when the device has none.
int partner_bank(const DramDevice& device, const TimingRule& rule, int bank) {
  if (rule.scope == RuleScope::kSame) return bank;
  const int step = static_cast<int>(device.organisation.banks_under(rule.level));
  const auto above = static_cast<DramLevel>(index(rule.level) - 1);
  return device.organisation.count(rule.level) > device.organisation.count(above) ? bank + step
                                                                                  : -1;
}

TEST(TimingCheckerTest, EachRuleOfEachDeviceAllowsItsCycleAndForbidsTheOneBefore) {
  for (const DramDevice& device : all_devices()) {
    for (const TimingRule& rule : device.rules) {
      DramDevice alone = device;
      alone.rules = {rule};
      const int partner = partner_bank(device, rule, 0);
      if (partner < 0) continue;
      TimingChecker checker(alone);
      const std::int64_t preceding_length = device.command(rule.preceding).bus_cycles;
      std::int64_t first_time = 0;
      std::int64_t start = 1000;
      for (std::int64_t i = 0; i < rule.window; ++i) {
        checker.issue(rule.preceding, 0, start);
        if (i == 0) first_time = start + preceding_length - 1;
        start += preceding_length;
      }
      const std::int64_t following_length = device.command(rule.following).bus_cycles;
      const bool same_bus =
          device.command(rule.preceding).bus == device.command(rule.following).bus;
      const std::int64_t by_rule = first_time + rule.cycles - following_length + 1;
      const std::int64_t by_bus = same_bus ? start : 0;
      EXPECT_EQ(checker.earliest_start(rule.following, partner), std::max(by_rule, by_bus))
          << device.name << ": " << to_string(rule.preceding) << " -> "
          << to_string(rule.following);
    }
  }
}

struct Past {
  DramCommand command;
  int bank;
  std::int64_t time;
};

/// The earliest legal time by comparing with every command of the past.
std::int64_t earliest_by_history(const DramDevice& device, const std::vector<Past>& past,
                                 DramCommand command, int bank) {
  std::int64_t earliest = 0;
  for (const TimingRule& rule : device.rules) {
    if (rule.following != command) continue;
    const int width = static_cast<int>(device.organisation.banks_under(rule.level));
    std::int64_t seen = 0;
    for (auto p = past.rbegin(); p != past.rend(); ++p) {
      bool related = p->bank / width == bank / width;
      if (rule.scope == RuleScope::kOther) {
        const auto above = static_cast<DramLevel>(index(rule.level) - 1);
        const int outer = static_cast<int>(device.organisation.banks_under(above));
        related = !related && p->bank / outer == bank / outer;
      }
      if (p->command != rule.preceding || !related || ++seen < rule.window) continue;
      earliest = std::max(earliest, p->time + rule.cycles);
    }
  }
  const auto latency = [&](DramCommand c) {
    return is_read(c) ? device.read_latency_cycles : device.write_latency_cycles;
  };
  const auto bus_width =
      static_cast<int>(device.organisation.banks_under(DramLevel::kPseudoChannel));
  for (const Past& p : past) {
    const bool one_bus =
        is_column(p.command) && is_column(command) && p.bank / bus_width == bank / bus_width;
    if (!one_bus) continue;
    const std::int64_t burst_end = p.time + latency(p.command) + device.burst_cycles;
    earliest = std::max(earliest, burst_end - latency(command));
  }
  return earliest;
}

std::vector<DramDevice> devices_and_ranks() {
  std::vector<DramDevice> devices = all_devices();
  for (const DramDevice& ranked : ranked_devices()) {
    devices.push_back(ranked);
    devices.push_back(without_column_rules(ranked));
  }
  return devices;
}

TEST(TimingCheckerTest, AgreesWithTheWholeHistoryOfRandomCommandsAndTheirBursts) {
  for (const DramDevice& device : devices_and_ranks()) {
    TimingChecker checker(device);
    std::vector<Past> past;
    const CounterRng rng(7, device.name);
    const auto banks = static_cast<std::uint64_t>(device.organisation.count(DramLevel::kBank));
    for (std::uint64_t i = 0; i < 400; ++i) {
      const auto command = static_cast<DramCommand>(rng.bits(2 * i) % kDramCommandCount);
      if (!device.has(command)) continue;
      const int bank = static_cast<int>(rng.bits(2 * i + 1) % banks);
      const std::int64_t length = device.command(command).bus_cycles;
      const std::int64_t start = checker.earliest_start(command, bank);
      const std::int64_t legal = earliest_by_history(device, past, command, bank);
      EXPECT_GE(start + length - 1, legal);
      std::int64_t bus_free = 0;
      for (const Past& p : past) {
        if (device.command(p.command).bus == device.command(command).bus) {
          bus_free = std::max(bus_free, p.time + 1);
        }
      }
      ASSERT_EQ(start, std::max(legal - length + 1, bus_free)) << device.name << " step " << i;
      checker.issue(command, bank, start);
      past.push_back({command, bank, start + length - 1});
    }
  }
}

TEST(TimingCheckerTest, ATrainLeavesWhatItsCommandsOneByOneLeave) {
  for (const DramDevice& device : all_devices()) {
    TimingChecker one_by_one(device);
    TimingChecker train(device);
    const std::int64_t gap = device.self_gap_cycles(DramCommand::kRead);
    for (std::int64_t i = 0; i < 9; ++i) one_by_one.issue(DramCommand::kRead, 1, 100 + i * gap);
    train.issue_train(DramCommand::kRead, 1, 100, gap, 9);
    for (std::size_t c = 0; c < kDramCommandCount; ++c) {
      const auto command = static_cast<DramCommand>(c);
      for (int bank = 0; bank < device.organisation.count(DramLevel::kBank); ++bank) {
        EXPECT_EQ(train.earliest_start(command, bank), one_by_one.earliest_start(command, bank));
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
