#include "sim/dram/ideal_channel.h"

#include <gtest/gtest.h>

#include <memory>

#include "sim/config/dram_reader.h"
#include "sim/dram/dram_controller.h"
#include "sim/dram/trace_replay.h"

namespace mxsim {
namespace {

DramDevice ideal_device(std::int64_t bytes_per_cycle, std::int64_t latency_cycles) {
  DramDevice device = load_dram_device(MXSIM_ROOT "/configs/dram/ideal-25.6GBs.json");
  device.ideal = IdealTiming{bytes_per_cycle, latency_cycles};
  return device;
}

class User : public sc_core::sc_module, public DramListener {
 public:
  struct Item {
    std::int64_t cycle;
    DramAccess access;
    DramRun run;
  };

  SC_HAS_PROCESS(User);
  User(const sc_core::sc_module_name& name, DramController& port, std::vector<Item> items)
      : sc_module(name), ends(items.size(), -1), port_(port), items_(std::move(items)) {
    port_.listen(0, *this);
    SC_THREAD(play);
  }
  void dram_done(std::uint64_t id) override {
    EXPECT_EQ(ends[id], -1) << "ended twice";
    ends[id] = port_.clock().now().count();
  }

  std::vector<std::int64_t> ends;

 private:
  void play() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      const sc_core::sc_time at = port_.clock().start_of(Cycles(items_[i].cycle));
      if (at > sc_core::sc_time_stamp()) wait(at - sc_core::sc_time_stamp());
      port_.submit({i, 0, items_[i].access, items_[i].run});
    }
  }

  DramController& port_;
  std::vector<Item> items_;
};

/// Cycles at which the requests end by hand: one data bus, in order.
std::vector<std::int64_t> expected_ends(const std::vector<User::Item>& items,
                                        const IdealTiming& timing) {
  std::vector<std::int64_t> ends;
  std::int64_t free = 0;
  for (const User::Item& item : items) {
    const std::int64_t bytes = item.run.row_bytes * item.run.rows;
    free = std::max(item.cycle + timing.latency_cycles, free) +
           (bytes + timing.bytes_per_cycle - 1) / timing.bytes_per_cycle;
    ends.push_back(free);
  }
  return ends;
}

TEST(IdealDramTest, ATransferOfNBytesTakesItsLatencyAndCeilOfNOverTheWidthInRequestOrder) {
  std::vector<User::Item> items;
  std::int64_t bytes = 0;
  for (std::int64_t i = 0; i < 60; ++i) {
    const DramAccess access = i % 3 == 0 ? DramAccess::kWrite : DramAccess::kRead;
    // One burst, several, and several pieces; close together and far apart.
    items.push_back({i * i * 7, access, {4096 * i, 64 * (1 + i % 5), 1024, 1 + i % 4}});
    bytes += items.back().run.payload().count();
  }
  std::vector<std::unique_ptr<DramController>> drams;
  std::vector<std::unique_ptr<User>> users;
  for (std::int64_t width : {1, 16, 48, 512}) {
    for (std::int64_t latency : {0, 1, 80}) {
      const std::string name = "d" + std::to_string(drams.size());
      drams.push_back(std::make_unique<DramController>(name.c_str(), ideal_device(width, latency)));
      users.push_back(std::make_unique<User>((name + "_user").c_str(), *drams.back(), items));
    }
  }
  sc_core::sc_start({40, sc_core::SC_US});
  for (std::size_t i = 0; i < drams.size(); ++i) {
    EXPECT_EQ(users[i]->ends, expected_ends(items, *drams[i]->device().ideal)) << i;
    const EventCounts counts = drams[i]->counts();
    const auto moved = static_cast<std::uint64_t>(bytes);
    EXPECT_EQ(counts[Event::kDramReadBytes] + counts[Event::kDramWriteBytes], moved);
    EXPECT_EQ((counts[Event::kDramReads] + counts[Event::kDramWrites]) * 64, moved);
    EXPECT_EQ(counts[Event::kDramActivates] + counts[Event::kDramRefreshes], 0u);
  }
}

TEST(IdealDramTest, AStreamMovesAtExactlyThePeakAfterOneLatency) {
  for (std::int64_t channels : {1, 4}) {
    const DramDevice device = with_channels(ideal_device(16, 80), channels);
    TraceReplay player(device, DramProfile::kFrfcfs);
    constexpr std::int64_t kRequests = 100'000;
    for (std::int64_t i = 0; i < kRequests; ++i) {
      player.play({64 * i, i % 2 == 0 ? DramAccess::kRead : DramAccess::kWrite, 0});
    }
    const ReplayResult result = player.finish();
    EXPECT_EQ(result.total_cycles, 80 + kRequests / channels * 4);
    EXPECT_NEAR(result.utilization(device), 1, 1e-3);
    EXPECT_EQ(result.read_latency.count(), kRequests / 2);
    // 8 pJ a bit, and 150 mW of each channel all the time.
    const ReplayEnergy energy = energy_of(device, result);
    EXPECT_DOUBLE_EQ(energy.read_pj + energy.write_pj, kRequests * 64 * 8 * 8.0);
    const double standby_mw = 150 * static_cast<double>(channels);
    EXPECT_NEAR(energy.background_pj, static_cast<double>(result.total_cycles) * standby_mw / 1.6,
                1);
  }
}

TEST(IdealDramTest, AnUnloadedReadTakesLatencyAndTransferWhateverTheIdleTimeBefore) {
  const DramDevice device = ideal_device(16, 80);
  TraceReplay player(device, DramProfile::kFrfcfs);
  for (std::int64_t i = 0; i < 1000; ++i) player.play({64 * i, DramAccess::kRead, i * 1'000'000});
  const ReplayResult result = player.finish();
  EXPECT_EQ(result.read_latency.max(), 84);
  EXPECT_DOUBLE_EQ(result.read_latency.mean(), 84);
}

}  // namespace
}  // namespace mxsim
