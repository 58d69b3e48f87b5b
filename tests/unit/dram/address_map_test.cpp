#include "models/dram/address_map.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "models/core/rng.h"
#include "models/dram/dram_run.h"
#include "tests/support/dram_devices.h"

namespace mxsim {
namespace {

using testing::all_devices;
using testing::sample_devices;

/// As they are, and with drawn hashes.
std::vector<DramDevice> plain_and_hashed() {
  std::vector<DramDevice> devices = all_devices();
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    for (const DramDevice& device : all_devices()) {
      devices.push_back(testing::with_drawn_hashes(device, seed));
      EXPECT_EQ(validate(devices.back()), std::vector<Diagnostic>{}) << device.name;
    }
  }
  return devices;
}

TEST(AddressMapTest, EncodeInvertsDecode) {
  for (const DramDevice& device : plain_and_hashed()) {
    const AddressMap map(device);
    const CounterRng rng(1, device.name);
    const auto bursts = static_cast<std::uint64_t>(device.organisation.capacity_bytes() /
                                                   device.organisation.burst_bytes);
    for (std::uint64_t i = 0; i < 2000; ++i) {
      const auto burst = static_cast<std::int64_t>(rng.bits(i) % bursts);
      EXPECT_EQ(map.encode(map.decode(burst)), burst);
    }
  }
}

TEST(AddressMapTest, ConsecutiveBurstsNeverShareAPlace) {
  for (const DramDevice& device : plain_and_hashed()) {
    const AddressMap map(device);
    std::set<std::tuple<int, int, std::int64_t, std::int64_t>> places;
    for (std::int64_t burst = 0; burst < 20000; ++burst) {
      const DramAddress a = map.decode(burst);
      EXPECT_TRUE(places.emplace(a.channel, a.bank, a.row, a.burst).second);
      EXPECT_LT(a.channel, device.organisation.channels);
      EXPECT_LT(a.bank, device.organisation.count(DramLevel::kBank));
      EXPECT_LT(a.burst, device.organisation.bursts);
    }
  }
}

/// Every burst of the run in address order, by decoding each one.
std::vector<DramAddress> expand(const AddressMap& map, const DramRun& run) {
  std::vector<DramAddress> all;
  for (std::int64_t r = 0; r < run.rows; ++r) {
    const std::int64_t first = run.base + r * run.stride;
    for (std::int64_t b = map.burst_of(first); b <= map.burst_of(first + run.row_bytes - 1); ++b) {
      all.push_back(map.decode(b));
    }
  }
  return all;
}

TEST(RunCursorTest, SegmentsOfAllChannelsAreTheBurstsOfTheRunOneByOne) {
  for (const DramDevice& device : plain_and_hashed()) {
    const AddressMap map(device);
    const CounterRng rng(3, device.name);
    for (std::uint64_t i = 0; i < 100; ++i) {
      const auto length = static_cast<std::int64_t>(1 + rng.bits(4 * i) % 9000);
      const DramRun run{static_cast<std::int64_t>(rng.bits(4 * i + 1) % 1'000'000), length,
                        length + 64 + static_cast<std::int64_t>(rng.bits(4 * i + 2) % 5000),
                        static_cast<std::int64_t>(1 + rng.bits(4 * i + 3) % 6)};
      const std::vector<DramAddress> expected = expand(map, run);
      for (int channel = 0; channel < map.channels(); ++channel) {
        std::vector<DramAddress> own;
        std::copy_if(expected.begin(), expected.end(), std::back_inserter(own),
                     [&](const DramAddress& a) { return a.channel == channel; });
        std::vector<DramAddress> walked;
        RunCursor cursor(map, run, channel);
        DramSegment s;
        while (cursor.next(s)) {
          for (std::int64_t k = 0; k < s.count; ++k) {
            walked.push_back({channel, s.bank, s.row, s.burst + k});
          }
        }
        ASSERT_EQ(walked, own) << device.name;
        EXPECT_EQ(RunCursor::count_bursts(map, run).at(static_cast<std::size_t>(channel)),
                  static_cast<std::int64_t>(own.size()));
      }
    }
  }
}

/// Bits from their definition: an XOR of bits of the unhashed address.
TEST(AddressMapTest, HashesAreTheXorOfTheBitsThatTheyName) {
  DramDevice device = sample_devices().front();
  ASSERT_EQ(device.address_map[1].field, AddressField::kBank);
  const AddressMap plain(device);
  device.channel_hash = {{{AddressField::kRow, 0}, {AddressField::kBank, 1}},
                         {{AddressField::kRow, 2}}};
  device.bank_hash = {{}, {{AddressField::kRow, 1}, {AddressField::kRow, 4}}};
  const AddressMap hashed(device);
  const CounterRng rng(5, "xor");
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const auto burst = static_cast<std::int64_t>(rng.bits(i) % (std::uint64_t{1} << 26));
    DramAddress expected = plain.decode(burst);
    const std::int64_t row = expected.row;
    expected.channel ^=
        static_cast<int>((row ^ expected.bank >> 1) & 1) | static_cast<int>(row >> 2 & 1) << 1;
    expected.bank ^= static_cast<int>((row >> 1 ^ row >> 4) & 1) << 1;
    ASSERT_EQ(hashed.decode(burst), expected) << burst;
  }
}

TEST(AddressMapTest, HashesThatCannotBeUndoneOrNameNothingAreRefused) {
  DramDevice device = sample_devices().front();
  using F = AddressField;
  device.channel_hash = {
      {{F::kColumn, 0}, {F::kRow, 15}, {F::kChannel, 1}}, {{F::kRow, 3}, {F::kRow, 3}}, {}};
  device.bank_hash = {{{F::kBank, 0}}};
  EXPECT_EQ(validate(device),
            (std::vector<Diagnostic>{
                {"", "/channel_hash", "got 3 entries, the number has 2 bits"},
                {"", "/channel_hash/0", "column:0 does not lie above the channel field"},
                {"", "/channel_hash/0", "row:15 is no bit of the address map"},
                {"", "/channel_hash/0", "channel:1 does not lie above the channel field"},
                {"", "/channel_hash/1", "row:3 stands twice"},
                {"", "/bank_hash/0", "bank:0 is no bit of the row"}}));
}

TEST(RunCursorTest, PiecesWithoutGapsAreOnePiece) {
  const DramDevice device = sample_devices().front();
  const AddressMap map(device);
  // 100 rows of 24 bytes without gaps are 2400 bytes: 75 bursts of 32, not 100 partial ones.
  const DramRun run{0, 24, 24, 100};
  const std::vector<std::int64_t> bursts = RunCursor::count_bursts(map, run);
  EXPECT_EQ(std::accumulate(bursts.begin(), bursts.end(), std::int64_t{0}), 75);
}

}  // namespace
}  // namespace mxsim
