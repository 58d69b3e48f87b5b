#include "sim/dram/bank_states.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/support/channel_bench.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

/// Cycles of each state up to `cycle` by playing the log: a state begins with its command's time.
ChannelCounts states_by_log(const DramDevice& device, const std::vector<CommandRecord>& log,
                            std::int64_t cycle) {
  struct Rank {
    std::set<int> open;
    bool down = false;
    std::int64_t since = 0;
  };
  const auto banks = static_cast<int>(device.organisation.banks_under(DramLevel::kRank));
  std::vector<Rank> ranks(static_cast<std::size_t>(device.organisation.count(DramLevel::kRank)));
  ChannelCounts counts;
  const auto close = [&](Rank& rank, std::int64_t until) {
    const std::int64_t cycles = std::min(until, cycle) - std::min(rank.since, cycle);
    if (rank.down) {
      (rank.open.empty() ? counts.closed_down_cycles : counts.open_down_cycles) += cycles;
    } else if (!rank.open.empty()) {
      counts.open_rank_cycles += cycles;
    }
    rank.since = until;
  };
  for (const CommandRecord& c : log) {
    Rank& rank = ranks[static_cast<std::size_t>(c.bank / banks)];
    close(rank, c.cycle);
    if (c.command == DramCommand::kActivate) rank.open.insert(c.bank);
    if (c.command == DramCommand::kPrecharge) rank.open.erase(c.bank);
    if (c.command == DramCommand::kPrechargeAll) rank.open.clear();
    if (c.command == DramCommand::kReadAuto || c.command == DramCommand::kWriteAuto) {
      rank.open.erase(c.bank);
    }
    if (c.command == DramCommand::kPowerDown) rank.down = true;
    if (c.command == DramCommand::kPowerUp) rank.down = false;
  }
  for (Rank& rank : ranks) close(rank, cycle);
  return counts;
}

// The scheduler may have put a command on the bus that is over only after the cycle asked about.
TEST(BankStatesTest, TimeInEachStateIsThatOfTheCommandLogInEveryCycle) {
  std::vector<DramDevice> devices = all_devices();
  for (DramDevice& variant : device_variants()) devices.push_back(std::move(variant));
  for (const DramDevice& device : devices) {
    const std::vector<TimedRun> runs = random_runs(device, 3, 6, 1000);
    for (std::int64_t until = 1500; until < 1700; ++until) {
      const ChannelResult result = play_channel(device, runs, DramStepping::kRun, until, 100);
      const ChannelCounts expected = states_by_log(device, result.log, until);
      ASSERT_EQ(result.counts.open_rank_cycles, expected.open_rank_cycles)
          << device.name << " " << until;
      ASSERT_EQ(result.counts.open_down_cycles, expected.open_down_cycles) << device.name;
      ASSERT_EQ(result.counts.closed_down_cycles, expected.closed_down_cycles) << device.name;
    }
  }
}

}  // namespace
}  // namespace mxsim
