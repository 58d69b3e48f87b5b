#include "models/mapping/tiles/gemm_tiling.h"

#include <gtest/gtest.h>

#include <map>

#include "models/mapping/program/slot_ring.h"

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

/// Five cuts in every order of the loops.
std::vector<GemmTiling> all_tilings() {
  std::vector<GemmTiling> tilings;
  for (const LoopOrderInfo& each : kLoopOrders) {
    for (GemmTiling tiling :
         {GemmTiling{3, 5, 5, 10, 7}, GemmTiling{1, 2, 5, 4, 3}, GemmTiling{2, 5, 5, 3, 7},
          GemmTiling{3, 5, 5, 10, 2}, GemmTiling{1, 1, 2, 10, 2}}) {
      tiling.order = each.order;
      for (const std::int64_t taps : {0, 1, 3, 4}) {
        tiling.taps = taps;
        tilings.push_back(tiling);
      }
    }
  }
  return tilings;
}

const std::vector<GemmTiling> kTilings = all_tilings();

TEST(GemmTiling, TilesMultiplyEveryElementOnce) {
  for (const GemmKind kind : {GemmKind::kWindow, GemmKind::kWeightGradient}) {
    const GemmWork work = odd_convolution(kind);
    for (const GemmTiling& tiling : kTilings) {
      std::int64_t macs = 0, tiles = 0;
      for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition) {
        const GemmExtents size = extents(work, tile);
        if (kind == GemmKind::kWindow && tiling.taps > 0) {
          EXPECT_LE(size.k, tiling.taps * tiling.channels);
        }
        macs += size.m * size.k * size.n;
        ++tiles;
      });
      EXPECT_EQ(macs, work.macs());
      EXPECT_EQ(tiles, trips(work, tiling).total() * work.groups);
    }
  }
}

TEST(GemmTiling, EveryResultTileBeginsAndEndsItsReductionOnce) {
  const GemmWork work = odd_convolution(GemmKind::kWindow);
  for (const GemmTiling& tiling : kTilings) {
    const TileTrips count = trips(work, tiling);
    std::map<std::int64_t, std::int64_t> steps;
    for_each_tile(work, tiling, [&](const GemmTile&, TilePosition position) {
      std::int64_t& done = steps[position.result];
      EXPECT_EQ(position.first_of_reduction, done == 0);
      EXPECT_EQ(position.last_of_reduction, ++done == count.reduction);
    });
    EXPECT_EQ(static_cast<std::int64_t>(steps.size()),
              work.products() * count.rows * count.columns);
  }
}

TEST(GemmTiling, TheInnermostLoopTurnsFastest) {
  const GemmWork work = odd_convolution(GemmKind::kWindow);
  GemmTiling tiling{1, 2, 5, 4, 3, LoopOrder::kReductionColumnsRows};
  const std::int64_t columns = trips(work, tiling).columns;
  std::vector<std::int64_t> results;
  for_each_tile(work, tiling,
                [&](const GemmTile&, TilePosition at) { results.push_back(at.result); });
  EXPECT_EQ(results[1], results[0] + columns);  // the next row tile of the same columns
}

/// What a ring of `slots` fetches when it is asked for these tiles.
std::int64_t ring_fetches(const std::vector<std::int64_t>& wanted, std::int64_t slots) {
  SlotRing<std::int64_t> ring(slots);
  std::int64_t fetched = 0;
  for (const std::int64_t tile : wanted) {
    if (ring.holds(tile)) continue;
    ring.advance(tile);
    ++fetched;
  }
  return fetched;
}

std::int64_t number_of(std::map<std::vector<std::int64_t>, std::int64_t>& known,
                       std::vector<std::int64_t> key) {
  return known.try_emplace(std::move(key), static_cast<std::int64_t>(known.size())).first->second;
}

TEST(GemmTiling, RingsFetchAsOftenAsTheFormulaSays) {
  for (const GemmKind kind : {GemmKind::kWindow, GemmKind::kWeightGradient}) {
    const GemmWork work = odd_convolution(kind);
    for (const GemmTiling& tiling : kTilings) {
      std::map<std::vector<std::int64_t>, std::int64_t> lefts, rights;
      std::vector<std::int64_t> left, right, result;
      for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition at) {
        const std::vector<std::int64_t> place = {tile.group, tile.images.start, tile.h.start,
                                                 tile.w.start};
        std::vector<std::int64_t> a = place, b = place;
        a.push_back(tile.channels.start);
        if (kind == GemmKind::kWindow) b = {tile.group, tile.channels.start, tile.taps.start};
        b.push_back(tile.n.start);
        left.push_back(number_of(lefts, a));
        right.push_back(number_of(rights, b));
        result.push_back(at.result);
      });
      for (const std::int64_t slots : {1, 2, 3, 5, 8}) {
        const TileReuse formula = reuse(trips(work, tiling), tiling.order, {slots, slots, slots});
        const auto tiles = [](const auto& known) {
          return static_cast<std::int64_t>(known.size());
        };
        EXPECT_EQ(ring_fetches(left, slots), formula.left * tiles(lefts));
        EXPECT_EQ(ring_fetches(right, slots), formula.right * tiles(rights));
        const std::int64_t results =
            work.products() * trips(work, tiling).rows * trips(work, tiling).columns;
        EXPECT_EQ(ring_fetches(result, slots), (formula.spills + 1) * results);
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
