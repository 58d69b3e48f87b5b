#include "models/dram/traffic.h"

#include <gtest/gtest.h>

#include <set>

namespace mxsim {
namespace {

std::vector<Traffic::Access> first(const TrafficSpec& spec, int count) {
  Traffic traffic(spec);
  std::vector<Traffic::Access> all;
  for (int i = 0; i < count; ++i) all.push_back(traffic.next());
  return all;
}

std::vector<std::int64_t> addresses(const std::vector<Traffic::Access>& all, bool write) {
  std::vector<std::int64_t> out;
  for (const auto& access : all) {
    if (access.write == write) out.push_back(access.byte_address);
  }
  return out;
}

TEST(Traffic, StreamsAreReadsFromZeroAndWritesFromAQuarterOfTheRegion) {
  const std::vector<Traffic::Access> expected{{0x0, false},  {0x40, false}, {0x10000000, true},
                                              {0x80, false}, {0xc0, false}, {0x10000040, true}};
  EXPECT_EQ(first({TrafficPattern::kStreams, 2, 1}, 6), expected);
}

TEST(Traffic, ASequenceIsOneStreamWhoseDirectionsAlternate) {
  const auto all = first({TrafficPattern::kSequential, 1, 3}, 400);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(all[i].byte_address, static_cast<std::int64_t>(64 * i));
    EXPECT_EQ(all[i].write, i % 4 >= 1);
  }
}

// The first read tile: 8 rows of four lines, 1792 bytes apart; seven tiles lie side by side.
TEST(Traffic, TilesCoverTheirArraysWithoutGapOrRepetition) {
  constexpr int kTiles = 7;
  const auto all = first({TrafficPattern::kTiles, 1, 1}, 2 * 32 * kTiles);
  const std::vector<std::int64_t> reads = addresses(all, false);
  EXPECT_EQ(std::vector(reads.begin(), reads.begin() + 6),
            (std::vector<std::int64_t>{0, 64, 128, 192, 1792, 1856}));
  EXPECT_EQ(reads[32], 256);
  const std::set<std::int64_t> lines(reads.begin(), reads.end());
  EXPECT_EQ(lines.size(), 32u * kTiles);
  EXPECT_EQ(*lines.rbegin(), 8 * 1792 - 64);
}

TEST(Traffic, RandomLinesFillTheRegionInTheMixAskedFor) {
  constexpr int kCount = 30'000;
  const auto all = first({TrafficPattern::kRandom, 3, 1, 5, 1 << 20}, kCount);
  const double writes = static_cast<double>(addresses(all, true).size());
  // Five deviations of a binomial.
  EXPECT_NEAR(writes / kCount, 0.25, 5 * 0.433 / 173.2);
  double sum = 0;
  for (const auto& access : all) {
    ASSERT_EQ(access.byte_address % 64, 0);
    ASSERT_LT(access.byte_address, 1 << 20);
    sum += static_cast<double>(access.byte_address);
  }
  EXPECT_NEAR(sum / kCount / (1 << 20), 0.5, 5 * 0.289 / 173.2);
  EXPECT_EQ(first({TrafficPattern::kRandom, 3, 1, 5}, 50),
            first({TrafficPattern::kRandom, 3, 1, 5}, 50));
  EXPECT_NE(first({TrafficPattern::kRandom, 3, 1, 5}, 50),
            first({TrafficPattern::kRandom, 3, 1, 6}, 50));
}

}  // namespace
}  // namespace mxsim
