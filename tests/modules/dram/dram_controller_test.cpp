#include "sim/dram/dram_controller.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using testing::all_devices;
using testing::sample_devices;

/// Submits a list of requests at given core-side times and notes when each one ends.
class Initiator : public sc_core::sc_module, public DramListener {
 public:
  struct Item {
    sc_core::sc_time at;
    DramAccess access;
    DramRun run;
  };

  SC_HAS_PROCESS(Initiator);
  Initiator(const sc_core::sc_module_name& name, DramController& port, std::uint32_t client,
            std::vector<Item> items)
      : sc_module(name), port_(port), client_(client), items_(std::move(items)) {
    port_.listen(client_, *this);
    SC_THREAD(play);
  }

  void dram_done(std::uint64_t id) override {
    EXPECT_TRUE(ends.emplace(id, port_.clock().now().count()).second) << "ended twice";
  }

  std::map<std::uint64_t, std::int64_t> ends;

 private:
  void play() {
    for (std::size_t i = 0; i < items_.size(); ++i) {
      if (items_[i].at > sc_core::sc_time_stamp()) wait(items_[i].at - sc_core::sc_time_stamp());
      port_.submit({i, client_, items_[i].access, items_[i].run});
    }
  }

  DramController& port_;
  std::uint32_t client_;
  std::vector<Item> items_;
};

std::int64_t rule_cycles(const DramDevice& device, DramCommand from, DramCommand to) {
  for (const TimingRule& rule : device.rules) {
    if (rule.level == DramLevel::kBank && rule.preceding == from && rule.following == to) {
      return rule.cycles;
    }
  }
  return 0;
}

sc_core::sc_time ns(double value) { return {value, sc_core::SC_NS}; }

TEST(DramControllerTest, AnUnloadedReadTakesActivateColumnAndBurst) {
  std::vector<std::unique_ptr<DramController>> controllers;
  std::vector<std::unique_ptr<Initiator>> initiators;
  for (const DramDevice& device : all_devices()) {
    const std::string number = std::to_string(controllers.size());
    controllers.push_back(std::make_unique<DramController>(("dram" + number).c_str(), device));
    initiators.push_back(std::make_unique<Initiator>(
        ("user" + number).c_str(), *controllers.back(), 0,
        std::vector<Initiator::Item>{{ns(0), DramAccess::kRead, {0, 1, 1, 1}}}));
  }
  sc_core::sc_start(ns(400));
  for (std::size_t i = 0; i < controllers.size(); ++i) {
    const DramDevice& device = controllers[i]->device();
    const std::int64_t expected = 1 + device.command(DramCommand::kActivate).bus_cycles - 1 +
                                  rule_cycles(device, DramCommand::kActivate, DramCommand::kRead) +
                                  device.read_latency_cycles + device.burst_cycles;
    EXPECT_EQ(initiators[i]->ends.at(0), expected) << device.name;
    EXPECT_EQ(controllers[i]->stats().read_latency_sum.count(), expected);
    EXPECT_EQ(controllers[i]->stats().read_payload.count(), 1);
    EXPECT_EQ(controllers[i]->stats().read_moved.count(), device.organisation.burst_bytes);
  }
}

TEST(DramControllerTest, ALongReadReachesThePeakLessRefresh) {
  std::vector<std::unique_ptr<DramController>> controllers;
  std::vector<std::unique_ptr<Initiator>> initiators;
  constexpr std::int64_t kBytes = 8 << 20;
  for (bool refresh : {false, true}) {
    DramDevice device = sample_devices().front();
    if (!refresh) device.refresh = {};
    const char* name = refresh ? "refreshed" : "plain";
    controllers.push_back(std::make_unique<DramController>(name, device));
    initiators.push_back(std::make_unique<Initiator>(
        (std::string(name) + "_user").c_str(), *controllers.back(), 0,
        std::vector<Initiator::Item>{{ns(0), DramAccess::kRead, {0, kBytes, kBytes, 1}}}));
  }
  sc_core::sc_start({1, sc_core::SC_MS});
  const DramDevice& device = controllers[0]->device();
  const std::int64_t bursts_per_channel = kBytes / 32 / 4;
  const std::int64_t plain = initiators[0]->ends.at(0);
  // The first burst's latency, then a burst every 8 cycles; an activate may delay a read by 3.
  const std::int64_t first = 4 + 29 + 28 + 8;
  EXPECT_GE(plain, first + (bursts_per_channel - 1) * device.burst_cycles);
  EXPECT_LE(plain, (first + (bursts_per_channel - 1) * device.burst_cycles) * 1.001);
  const std::int64_t refreshed = initiators[1]->ends.at(0);
  const std::int64_t refreshes = refreshed / 6246;
  // Each refresh: read to precharge, precharge, refresh, activate to read; at most two reads late.
  const std::int64_t each = 12 + 34 + 448 + 29;
  EXPECT_NEAR(static_cast<double>(refreshed - plain), static_cast<double>(refreshes * each),
              static_cast<double>(refreshes * 2 * device.burst_cycles));
}

TEST(DramControllerTest, ConstructionOrderChangesNothing) {
  std::vector<Initiator::Item> reads;
  std::vector<Initiator::Item> writes;
  for (int i = 0; i < 40; ++i) {
    reads.push_back({ns(50.0 * i), DramAccess::kRead, {i * 70'000, 300, 1000, 1 + i % 7}});
    writes.push_back({ns(50.0 * i), DramAccess::kWrite, {i * 30'000, 900, 900, 1 + i % 5}});
  }
  DramController first("first", sample_devices().front());
  Initiator first_reads("first_reads", first, 0, reads);
  Initiator first_writes("first_writes", first, 1, writes);
  DramController second("second", sample_devices().front());
  Initiator second_writes("second_writes", second, 1, writes);
  Initiator second_reads("second_reads", second, 0, reads);
  sc_core::sc_start(ns(100'000));
  EXPECT_EQ(first_reads.ends.size(), reads.size());
  EXPECT_EQ(first_writes.ends.size(), writes.size());
  EXPECT_EQ(first_reads.ends, second_reads.ends);
  EXPECT_EQ(first_writes.ends, second_writes.ends);
  EXPECT_EQ(first.stats(), second.stats());
  EXPECT_EQ(first.counts(), second.counts());
}

TEST(DramControllerTest, CountsAreConserved) {
  std::vector<Initiator::Item> items;
  for (int i = 0; i < 50; ++i) {
    items.push_back({ns(100.0 * i),
                     i % 3 == 0 ? DramAccess::kWrite : DramAccess::kRead,
                     {i * 123'457, 1 + 37 * i, 5000, 1 + i % 9}});
  }
  DramController dram("dram", sample_devices().front());
  Initiator user("user", dram, 0, items);
  sc_core::sc_start(ns(200'000));
  const DramStats stats = dram.stats();
  EXPECT_EQ(stats.read_requests + stats.write_requests, 50);
  EXPECT_EQ(user.ends.size(), 50u);
  EXPECT_EQ(stats.busy + stats.idle, stats.total);
  const EventCounts counts = dram.counts();
  EXPECT_EQ(counts[Event::kDramReads] * 32, counts[Event::kDramReadBytes]);
  EXPECT_EQ(counts[Event::kDramWrites] * 32, counts[Event::kDramWriteBytes]);
  EXPECT_EQ(
      counts[Event::kDramRowHits] + counts[Event::kDramRowEmpty] + counts[Event::kDramRowConflicts],
      counts[Event::kDramReads] + counts[Event::kDramWrites]);
  // A refresh may close a row before its first use.
  EXPECT_LE(counts[Event::kDramRowEmpty] + counts[Event::kDramRowConflicts],
            counts[Event::kDramActivates]);
  EXPECT_LE(counts[Event::kDramActivates], counts[Event::kDramRowEmpty] +
                                               counts[Event::kDramRowConflicts] +
                                               8 * counts[Event::kDramRefreshes]);
  EXPECT_GE(stats.read_moved, stats.read_payload);
}

}  // namespace
}  // namespace mxsim
