#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "sim/config/dram_reader.h"
#include "sim/dram/trace_replay.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;
using Place = std::function<DramAddress(std::int64_t)>;

std::vector<DramDevice> devices_and_variants() {
  std::vector<DramDevice> devices = all_devices();
  for (DramDevice& variant : device_variants()) devices.push_back(std::move(variant));
  return devices;
}

std::int64_t rule_cycles(const DramDevice& device, DramCommand from, DramCommand to) {
  std::int64_t cycles = 0;
  for (const TimingRule& rule : device.rules) {
    const bool own = rule.level == DramLevel::kBank || rule.level == DramLevel::kRank;
    const bool applies = own && rule.scope == RuleScope::kSame && rule.window == 1;
    if (applies && rule.preceding == from && rule.following == to) {
      cycles = std::max(cycles, rule.cycles);
    }
  }
  return cycles;
}

DramCommand read_of(const DramDevice& device) {
  return device.page_policy == PagePolicy::kClosed ? DramCommand::kReadAuto : DramCommand::kRead;
}

/// First command to the end of the data when all banks are closed.
std::int64_t closed_bank_read(const DramDevice& device) {
  return device.command(DramCommand::kActivate).bus_cycles - 1 +
         rule_cycles(device, DramCommand::kActivate, read_of(device)) + device.read_latency_cycles +
         device.burst_cycles;
}

ReplayResult reads(const DramDevice& device, std::int64_t count, const Place& place,
                   std::int64_t first_cycle = 0) {
  const AddressMap map(device);
  TraceReplay player(device, DramProfile::kFrfcfs);
  for (std::int64_t i = 0; i < count; ++i) {
    player.play(
        {map.encode(place(i)) * device.organisation.burst_bytes, DramAccess::kRead, first_cycle});
  }
  return player.finish();
}

/// One burst for each data bus in turn, those of a bus in turn to its bank groups, over and over
/// through one row of each.
Place row_hits_on_every_bus(const DramDevice& device) {
  const DramOrganisation& o = device.organisation;
  const auto per_bus = static_cast<int>(o.banks_under(DramLevel::kPseudoChannel));
  return [o, per_bus](std::int64_t i) {
    const std::int64_t turn = i / (o.channels * o.pseudo_channels);
    DramAddress at;
    at.channel = static_cast<int>(i % o.channels);
    at.bank = static_cast<int>(i / o.channels % o.pseudo_channels) * per_bus +
              static_cast<int>(turn % o.bank_groups * o.banks);
    at.burst = turn / o.bank_groups % o.bursts;
    return at;
  };
}

/// Always the same bank and row.
Place one_row(const DramDevice& device) {
  return [bursts = device.organisation.bursts](std::int64_t i) {
    DramAddress at;
    at.burst = i % bursts;
    return at;
  };
}

DramDevice without_refresh(DramDevice device) {
  device.refresh = {};
  return device;
}

// GB/s = bus bits x Mb/s / 8000 over all channels; the first word of a device's data sheet.
struct Published {
  const char* file;
  std::int64_t bus_bits;
  double megabits_per_s;
};
const std::vector<Published> kPublished{
    {"ddr4-3200", 64, 3200},   {"ddr5-4800", 64, 4800},   {"gddr6-14000", 32, 14000},
    {"hbm2", 1024, 2000},      {"hbm2e", 1024, 3200},     {"lpddr4-2400", 64, 2400},
    {"lpddr4-3200", 64, 3200}, {"lpddr4-4266", 64, 4266}, {"lpddr5-6400", 64, 6400}};

TEST(DramClosedFormTest, ThePeakIsBusBitsTimesDataRate) {
  for (const std::string& file : device_files()) {
    const DramDevice device = load_dram_device(file);
    if (device.ideal || file.find("/reference/") != std::string::npos) continue;
    const std::string name = file.substr(file.rfind('/') + 1);
    const auto row = std::find_if(kPublished.begin(), kPublished.end(), [&](const auto& p) {
      return name == p.file + std::string(".json");
    });
    ASSERT_NE(row, kPublished.end()) << name << " has no published peak";
    const double peak = static_cast<double>(row->bus_bits) * row->megabits_per_s * 1e6 / 8;
    EXPECT_DOUBLE_EQ(device.peak_bytes_per_s(), peak) << name;
  }
}

// Once all rows are open, n more bursts on every data bus take n bursts' time and nothing else.
TEST(DramClosedFormTest, AStreamOfRowHitsOverAllBusesRunsAtExactlyThePeak) {
  for (const DramDevice& shipped : devices_and_variants()) {
    const DramDevice device = without_refresh(shipped);
    if (device.page_policy == PagePolicy::kClosed) continue;
    const std::int64_t buses = device.organisation.channels * device.organisation.pseudo_channels;
    const Place place = row_hits_on_every_bus(device);
    const ReplayResult some = reads(device, 1000 * buses, place);
    const ReplayResult more = reads(device, 5000 * buses, place);
    EXPECT_EQ(more.total_cycles - some.total_cycles, 4000 * device.burst_cycles) << device.name;
    const double bytes = static_cast<double>(4000 * buses * device.organisation.burst_bytes);
    const double seconds = static_cast<double>(more.total_cycles - some.total_cycles) /
                           static_cast<double>(device.clock_hz);
    EXPECT_NEAR(bytes / seconds / device.peak_bytes_per_s(), 1, 1e-12) << device.name;
  }
}

TEST(DramClosedFormTest, AStreamWithinOneRowTakesItsFirstAccessAndTheColumnDistance) {
  for (const DramDevice& shipped : devices_and_variants()) {
    const DramDevice device = without_refresh(shipped);
    if (device.page_policy == PagePolicy::kClosed) continue;
    constexpr std::int64_t kBursts = 3000;
    const ReplayResult result = reads(device, kBursts, one_row(device));
    EXPECT_EQ(result.total_cycles,
              closed_bank_read(device) + (kBursts - 1) * device.self_gap_cycles(DramCommand::kRead))
        << device.name;
    EXPECT_EQ(result.counts.row_hits, kBursts - 1) << device.name;
  }
}

// Each access opens and closes its row.
TEST(DramClosedFormTest, AStreamToOneBankWithClosedPagesTakesARowCycleAnAccess) {
  std::int64_t devices = 0;
  for (const DramDevice& shipped : devices_and_variants()) {
    const DramDevice device = without_refresh(shipped);
    if (device.page_policy != PagePolicy::kClosed) continue;
    ++devices;
    constexpr std::int64_t kBursts = 1000;
    const std::int64_t row_cycle =
        std::max(rule_cycles(device, DramCommand::kActivate, DramCommand::kActivate),
                 rule_cycles(device, DramCommand::kActivate, DramCommand::kReadAuto) +
                     rule_cycles(device, DramCommand::kReadAuto, DramCommand::kActivate));
    EXPECT_EQ(reads(device, kBursts, one_row(device)).total_cycles,
              closed_bank_read(device) + (kBursts - 1) * row_cycle)
        << device.name;
  }
  EXPECT_GT(devices, 0);
}

TEST(DramClosedFormTest, AnUnloadedReadTakesActivateColumnAndBurst) {
  for (const DramDevice& device : devices_and_variants()) {
    const ReplayResult result = reads(device, 1, one_row(device));
    EXPECT_EQ(result.total_cycles, closed_bank_read(device)) << device.name;
    EXPECT_EQ(result.read_latency.max(), closed_bank_read(device)) << device.name;
  }
}

// The request is seen a cycle after it came; the rank wakes and then opens its row.
TEST(DramClosedFormTest, AReadToAPoweredDownRankTakesTheWayUpFirst) {
  std::int64_t devices = 0;
  for (const DramDevice& shipped : device_variants()) {
    if (shipped.power_down.mode == PowerDownMode::kNone) continue;
    ++devices;
    const DramDevice device = without_refresh(shipped);
    const ReplayResult result = reads(device, 1, one_row(device), 50'000);
    EXPECT_GT(result.counts[DramCommand::kPowerUp], 0) << device.name;
    const std::int64_t wake = rule_cycles(device, DramCommand::kPowerUp, DramCommand::kActivate) -
                              (device.command(DramCommand::kActivate).bus_cycles - 1);
    EXPECT_EQ(result.total_cycles, std::max<std::int64_t>(wake, 1) + closed_bank_read(device))
        << device.name;
  }
  EXPECT_GT(devices, 5);
}

/// What a refresh takes from a stream of reads to one row: last read, closing the row, the refresh,
/// opening it and the next read.
std::int64_t refresh_chain(const DramDevice& device) {
  using C = DramCommand;
  const bool by_bank = device.refresh.mode == RefreshMode::kPerBank;
  const C refresh = by_bank ? C::kRefreshBank : C::kRefresh;
  const C close = !by_bank && device.has(C::kPrechargeAll) ? C::kPrechargeAll : C::kPrecharge;
  const std::int64_t opened = rule_cycles(device, refresh, C::kActivate);
  if (device.page_policy == PagePolicy::kClosed) {
    return rule_cycles(device, read_of(device), refresh) + opened +
           rule_cycles(device, C::kActivate, read_of(device));
  }
  return rule_cycles(device, C::kRead, close) + rule_cycles(device, close, refresh) + opened +
         rule_cycles(device, C::kActivate, C::kRead);
}

// A refresh falls due between two reads, at most the longest command and one read's distance off;
// refreshes of other banks may hold the command bus for as long as they take on it.
TEST(DramClosedFormTest, RefreshTakesItsChainOutOfEveryInterval) {
  for (const DramDevice& device : devices_and_variants()) {
    if (device.page_policy == PagePolicy::kClosed) continue;
    const bool by_bank = device.refresh.mode == RefreshMode::kPerBank;
    const std::int64_t gap = device.self_gap_cycles(DramCommand::kRead);
    const std::int64_t turns =
        by_bank ? device.organisation.banks_under(DramLevel::kRank) : std::int64_t{1};
    const std::int64_t bursts = 12 * turns * device.refresh.interval_cycles / gap;
    const std::int64_t plain = reads(without_refresh(device), bursts, one_row(device)).total_cycles;
    const std::int64_t refreshed = reads(device, bursts, one_row(device)).total_cycles;
    const std::int64_t own = refreshed / (turns * device.refresh.interval_cycles);
    const std::int64_t others = own * (turns - 1);
    const std::int64_t slack = 2 * gap + 3 * device.command(DramCommand::kActivate).bus_cycles;
    const std::int64_t bus = device.command(DramCommand::kRefreshBank).bus_cycles;
    const std::int64_t each = refresh_chain(device);
    EXPECT_GE(own, 12) << device.name;
    EXPECT_GE(refreshed - plain, (own - 1) * (each - gap)) << device.name;
    EXPECT_LE(refreshed - plain, (own + 1) * (each + slack) + others * bus) << device.name;
  }
}

}  // namespace
}  // namespace mxsim
