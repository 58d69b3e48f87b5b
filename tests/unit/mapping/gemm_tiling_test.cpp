#include "models/mapping/gemm_tiling.h"

#include <gtest/gtest.h>

#include <map>

namespace mxsim {
namespace {

GemmWork odd_convolution(GemmKind kind) {
  GemmWork work;
  work.kind = kind;
  work.images = 3;
  work.h.in = work.w.in = 9;
  work.h.out = work.w.out = 5;
  work.h.taps = work.w.taps = 3;
  work.h.stride = work.w.stride = 2;
  work.h.pad = work.w.pad = 1;
  work.channels = 10;
  work.n = 7;
  work.groups = 2;
  return work;
}

const std::vector<GemmTiling> kTilings{{3, 5, 5, 10, 7, OuterLoop::kRows},
                                       {1, 2, 5, 4, 3, OuterLoop::kRows},
                                       {2, 5, 5, 3, 7, OuterLoop::kColumns},
                                       {1, 1, 2, 10, 2, OuterLoop::kColumns}};

TEST(GemmTiling, TilesMultiplyEveryElementOnce) {
  for (const GemmKind kind : {GemmKind::kWindow, GemmKind::kWeightGradient}) {
    const GemmWork work = odd_convolution(kind);
    for (const GemmTiling& tiling : kTilings) {
      std::int64_t macs = 0, tiles = 0;
      for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
        const GemmExtents size = extents(work, tile);
        macs += size.m * size.k * size.n;
        ++tiles;
      });
      EXPECT_EQ(macs, work.macs());
      EXPECT_EQ(tiles, trips(work, tiling).total() * work.groups);
    }
  }
}

TEST(GemmTiling, ReductionsOfAResultTileFollowOneAnother) {
  const GemmWork work = odd_convolution(GemmKind::kWindow);
  for (const GemmTiling& tiling : kTilings) {
    bool open = false;
    for_each_tile(work, tiling, [&](const GemmTile&, TilePosition position) {
      EXPECT_EQ(position.first_of_reduction, !open);
      open = !position.last_of_reduction;
    });
    EXPECT_FALSE(open);
  }
}

/// Counts fetches as the program builder makes them: again whenever the wanted tile changes.
OperandFetches walk(const GemmWork& work, const GemmTiling& tiling) {
  std::map<std::string, std::int64_t> left, right;
  std::string last_left, last_right;
  const auto key = [](std::initializer_list<Range> ranges) {
    std::string text;
    for (const Range range : ranges) text += std::to_string(range.start) + ",";
    return text;
  };
  for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
    const std::string a = key({tile.images, tile.h, tile.w, tile.channels});
    const std::string b = work.kind == GemmKind::kWindow
                              ? key({tile.channels, tile.n})
                              : key({tile.images, tile.h, tile.w, tile.n});
    if (a != last_left) ++left[a];
    if (b != last_right) ++right[b];
    last_left = a;
    last_right = b;
  });
  return {left.begin()->second, right.begin()->second};
}

TEST(GemmTiling, OperandsAreFetchedAsOftenAsTheFormulaSays) {
  for (const GemmKind kind : {GemmKind::kWindow, GemmKind::kWeightGradient}) {
    GemmWork work = odd_convolution(kind);
    work.groups = 1;
    for (const GemmTiling& tiling : kTilings) {
      const OperandFetches formula = fetches(trips(work, tiling), tiling.outer);
      const OperandFetches walked = walk(work, tiling);
      EXPECT_EQ(formula.left, walked.left);
      EXPECT_EQ(formula.right, walked.right);
    }
  }
}

}  // namespace
}  // namespace mxsim
