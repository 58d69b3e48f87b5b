#include "models/dram/dram_load.h"

#include <gtest/gtest.h>

#include "tests/support/channel_bench.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using namespace testing;

// Four channels of x16, 64 bytes in turn; a burst of 32 bytes takes 8 cycles; rows of 8 KiB over
// all channels, then the next of 8 banks. tRRD 16, tFAW 64, tRCD 29, tRTP 12, tRP 34, tRAS 68.
// ACT and PRE take 6 cycles of the command bus, 2 more than lie between two reads of 4.
DramDevice device() { return sample_devices().front(); }

TEST(DramLoadTest, AStreamKeepsEveryBusAtWorkEvenly) {
  DramLoad load(device());
  load.add({0, 16384, 0, 1});
  for (int channel = 0; channel < 4; ++channel) EXPECT_EQ(load.cycles(channel), 128 * 8 + 2 * 2);
  // A longer one is as even as its beginning.
  load.clear();
  load.add({0, 1 << 20, 0, 1});
  EXPECT_NEAR(load.cycles(), 8192 * 8 + 128 * 2, 10);
}

TEST(DramLoadTest, NarrowPiecesOneRowOfAllBanksApartMeetOneChannel) {
  DramLoad load(device());
  load.add({64, 64, 8192, 96});
  EXPECT_EQ(load.cycles(0), 0);
  EXPECT_EQ(load.cycles(1), 96 * (2 * 8 + 2));
  EXPECT_EQ(load.cycles(2), 0);
}

TEST(DramLoadTest, NarrowPiecesOfASingleBurstWaitForActivations) {
  DramLoad load(device());
  load.add({0, 32, 8192, 96});
  EXPECT_EQ(load.cycles(), 96 * 16);  // tRRD, tFAW / 4
}

TEST(DramLoadTest, PiecesInDifferentRowsOfOneBankWaitForIt) {
  DramLoad load(device());
  load.add({0, 64, 65536, 96});
  EXPECT_DOUBLE_EQ(load.cycles(), 96 * (68 + 34));  // tRC: tRAS + tRP
  load.clear();
  load.add({0, 4096, 65536, 8});  // 32 bursts a channel; tRCD + 31 tCCD + tRTP + tRP
  EXPECT_NEAR(load.cycles(), 8 * (29 + 31 * 8 + 12 + 34), 1e-6);
}

TEST(DramLoadTest, AHashSpreadsThemOverChannelsAndBanks) {
  DramDevice hashed = device();
  hashed.channel_hash = {{{AddressField::kRow, 0}}, {{AddressField::kRow, 1}}};
  hashed.bank_hash = {
      {{AddressField::kRow, 2}}, {{AddressField::kRow, 3}}, {{AddressField::kRow, 4}}};
  DramLoad load(hashed);
  load.add({0, 64, 65536, 96});
  for (int channel = 0; channel < 4; ++channel) EXPECT_EQ(load.cycles(channel), 24 * (2 * 8 + 2));
}

TEST(DramLoadTest, CountsTheBurstsOfRunsThatItLooksAtWhole) {
  for (const DramDevice& device : all_devices()) {
    const AddressMap map(device);
    DramLoad load(device);
    for (const DramRun& run :
         {DramRun{0, 4096, 0, 1}, DramRun{40, 24, 72, 200}, DramRun{1 << 20, 96, 8256, 100}}) {
      load.clear();
      load.add(run);
      for (int channel = 0; channel < map.channels(); ++channel) {
        EXPECT_EQ(load.bursts(channel),
                  RunCursor::count_bursts(map, run).at(static_cast<std::size_t>(channel)))
            << device.name;
      }
    }
    load.add({0, 32, 4096, 1000});
    EXPECT_EQ(load.bursts(0), std::nullopt);
  }
}

TEST(DramLoadTest, IsAsAtTheBeginningAfterAReset) {
  const DramRun run{0, 4096, 65536, 8};
  DramLoad load(device());
  load.add(run);
  const double cycles = load.cycles();
  load.clear();
  load.add({8192, 4096, 65536, 8});
  load.reset();
  load.add(run);
  EXPECT_EQ(load.cycles(), cycles);
}

TEST(DramLoadTest, AnIdealDeviceHasBusesAlone) {
  DramDevice ideal = device();
  ideal.ideal = IdealTiming{8, 0};
  DramLoad load(ideal);
  load.add({0, 64, 65536, 96});
  EXPECT_EQ(load.cycles(), 96 * 64 / 8);
}

/// What a channel takes that serves the run alone.
double simulated(DramDevice device, const DramRun& run) {
  constexpr std::int64_t kLongEnough = 10'000'000;
  device.refresh = {};
  const ChannelResult result =
      play_channel(device, {{0, DramAccess::kRead, run}}, DramStepping::kRun, kLongEnough,
                   kLongEnough, LogUse::kNone);
  return static_cast<double>(result.ends.front());
}

// The scheduler serves requests of one row together that the load counts apart, and it sees only as
// many banks as its window reaches; long runs are judged by their beginning. That beginning may
// give one channel more of a hashed run than the rest does.
TEST(DramLoadTest, IsCloseToWhatAChannelTakesForStridedPieces) {
  std::int64_t all = 0;
  std::int64_t close = 0;
  for (DramDevice device : all_devices()) {
    if (device.page_policy == PagePolicy::kClosed) continue;
    device.channel_hash.clear();
    DramLoad load(device);
    for (const std::int64_t bytes : {32, 64, 128, 256, 512, 1024}) {
      for (const std::int64_t stride : {2048, 4608, 8192, 8448, 9216, 65536, 524288}) {
        const DramRun run{0, bytes, stride, std::max<std::int64_t>(64, (1 << 17) / bytes)};
        if (RunCursor::count_bursts(AddressMap(device), run).front() < 64) continue;
        load.clear();
        load.add(run);
        const double ratio = simulated(device, run) / load.cycles(0);
        EXPECT_GT(ratio, 0.5) << device.name << " " << bytes << " every " << stride;
        EXPECT_LT(ratio, 1.6) << device.name << " " << bytes << " every " << stride;
        ++all;
        close += ratio > 0.87 && ratio < 1.15 ? 1 : 0;
      }
    }
  }
  EXPECT_GT(all, 400);
  EXPECT_GT(close, all * 8 / 10);
}

}  // namespace
}  // namespace mxsim
