#include "models/mapping/chip/dram_compression.h"

#include <gtest/gtest.h>

#include "models/mapping/tiles/run_bytes.h"

namespace mxsim {
namespace {

constexpr DramCompression kSome{0.5, 0.25, 0.75};

TEST(DramCompression, IsOfTheOperandsAlone) {
  EXPECT_EQ(kSome.of(TensorRole::kWeight), 0.5);
  EXPECT_EQ(kSome.of(TensorRole::kActivation), 0.25);
  EXPECT_EQ(kSome.of(TensorRole::kGradient), 0.75);
  for (const TensorRole role : {TensorRole::kWeightGradient, TensorRole::kMasterWeight,
                                TensorRole::kOptimizerState, TensorRole::kStatistic}) {
    EXPECT_EQ(kSome.of(role), 1);
  }
  EXPECT_EQ(kSome.least(), 0.25);
}

TEST(DramCompression, RoundsEachPieceUpToBytes) {
  EXPECT_EQ(compressed({1000, 13, 64, 5}, 0.5), (DramRun{1000, 7, 64, 5}));
  EXPECT_EQ(compressed({1000, 1, 64, 5}, 0.001), (DramRun{1000, 1, 64, 5}));
  EXPECT_EQ(compressed({1000, 13, 64, 5}, 1), (DramRun{1000, 13, 64, 5}));
}

TEST(DramCompression, TakesRowsWithoutAGapAsOnePiece) {
  EXPECT_EQ(compressed({1000, 64, 64, 5}, 0.3), (DramRun{1000, 96, 64, 1}));
}

/// Pieces of 40 bytes at every second burst of 32: two bursts each, of a quarter one.
TEST(DramCompression, MovesWholeBursts) {
  const std::vector<DramRun> runs{{0, 40, 128, 10}};
  EXPECT_EQ(moved_bytes(runs, 32), Bytes(640));
  EXPECT_EQ(moved_bytes(compressed(runs, 0.9), 32), Bytes(640));
  EXPECT_EQ(moved_bytes(compressed(runs, 0.25), 32), Bytes(320));
  EXPECT_EQ(moved_bytes(compressed(runs, 0.01), 32), Bytes(320));
}

}  // namespace
}  // namespace mxsim
