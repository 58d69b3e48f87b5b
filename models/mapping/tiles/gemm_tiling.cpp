#include "models/mapping/tiles/gemm_tiling.h"

#include <algorithm>
#include <vector>

#include "models/core/shape.h"

namespace mxsim {
namespace {

/// How many tiles of something come in each step of `loop` when every loop but `reused` tells them
/// apart.
std::int64_t tiles_inside(const TileTrips& trips, LoopOrder order, Loop loop, Loop reused) {
  const auto& loops = info(order).loops;
  std::int64_t cycle = 1;
  for (auto inner = loops.rbegin(); *inner != loop; ++inner) {
    if (*inner != reused) cycle *= trips.of(*inner);
  }
  return cycle;
}

/// How often each of them is fetched: the tiles of the loops inside `reused` come again with each
/// of its steps.
std::int64_t fetches(const TileTrips& trips, LoopOrder order, Loop reused, std::int64_t slots) {
  return tiles_inside(trips, order, reused, reused) <= slots ? 1 : trips.of(reused);
}

/// Of the left operand: its tiles come again with each piece of taps, too.
std::int64_t left_fetches(TileTrips trips, LoopOrder order, std::int64_t slots) {
  const std::int64_t taps = trips.taps;
  trips.reduction /= taps;
  const bool stays = tiles_inside(trips, order, Loop::kReduction, Loop::kColumns) <= slots;
  return fetches(trips, order, Loop::kColumns, slots) * (stays ? 1 : taps);
}

}  // namespace

std::vector<Range> split(std::int64_t total, std::int64_t piece) {
  std::vector<Range> pieces;
  for (std::int64_t start = 0; start < total; start += piece) {
    pieces.push_back({start, std::min(piece, total - start)});
  }
  return pieces;
}

std::vector<PositionTile> position_tiles(const GemmWork& work, const GemmTiling& tiling) {
  std::vector<PositionTile> tiles;
  for (const Range images : split(work.images, tiling.images)) {
    for (const Range h : split(work.h.out, tiling.h)) {
      for (const Range w : split(work.w.out, tiling.w)) tiles.push_back({images, h, w});
    }
  }
  return tiles;
}

bool cuts_taps(const GemmWork& work, const GemmTiling& tiling) {
  return work.kind == GemmKind::kWindow && tiling.taps > 0;
}

TileTrips trips(const GemmWork& work, const GemmTiling& tiling) {
  const std::int64_t positions = ceil_div(work.images, tiling.images) *
                                 ceil_div(work.h.out, tiling.h) * ceil_div(work.w.out, tiling.w);
  const std::int64_t channels = ceil_div(work.channels, tiling.channels);
  const std::int64_t columns = ceil_div(work.n, tiling.n);
  if (work.kind == GemmKind::kWeightGradient) return {channels, columns, positions};
  const std::int64_t taps = cuts_taps(work, tiling) ? ceil_div(work.taps(), tiling.taps) : 1;
  return {positions, columns, channels * taps, taps};
}

TileReuse reuse(const TileTrips& trips, LoopOrder order, RingSlots slots) {
  return {left_fetches(trips, order, slots.left), fetches(trips, order, Loop::kRows, slots.right),
          fetches(trips, order, Loop::kReduction, slots.result) - 1};
}

Bytes partial_sum_bytes(const GemmExtents& tile) {
  constexpr std::int64_t kPartialSumBytes = 4;
  return Bytes(tile.m * tile.n * kPartialSumBytes);
}

std::int64_t spill_pitch(const GemmWork& work, const GemmTiling& tiling, std::int64_t burst) {
  const bool window = work.kind == GemmKind::kWindow;
  const std::int64_t rows =
      window ? tiling.images * tiling.h * tiling.w : work.taps() * tiling.channels;
  return round_up(partial_sum_bytes({rows, 0, tiling.n}).count(), burst);
}

Bytes spill_bytes(const GemmWork& work, const GemmTiling& tiling, RingSlots slots,
                  std::int64_t burst) {
  const TileTrips count = trips(work, tiling);
  if (reuse(count, tiling.order, slots).spills == 0) return Bytes(0);
  return Bytes(
      exact_mul(spill_pitch(work, tiling, burst), work.products() * count.rows * count.columns));
}

void for_each_tile(const GemmWork& work, const GemmTiling& tiling,
                   const std::function<void(const GemmTile&, TilePosition)>& visit) {
  const bool window = work.kind == GemmKind::kWindow;
  const std::vector<PositionTile> positions = position_tiles(work, tiling);
  const std::vector<Range> channels = split(work.channels, tiling.channels);
  const std::vector<Range> columns = split(work.n, tiling.n);
  const TileTrips count = trips(work, tiling);
  const std::vector<Range> taps =
      cuts_taps(work, tiling) ? split(work.taps(), tiling.taps) : std::vector<Range>{{}};
  const auto& loops = info(tiling.order).loops;
  const std::int64_t inner = count.of(loops[2]);
  const std::int64_t middle = count.of(loops[1]) * inner;
  for (std::int64_t each = 0; each < work.products(); ++each) {
    const std::int64_t product = work.first_product + each;
    for (std::int64_t tile = 0; tile < count.total(); ++tile) {
      std::array<std::int64_t, 3> at{};
      at[static_cast<std::size_t>(loops[0])] = tile / middle;
      at[static_cast<std::size_t>(loops[1])] = tile % middle / inner;
      at[static_cast<std::size_t>(loops[2])] = tile % inner;
      const auto [row, column, step] = at;
      const auto& place = positions[static_cast<std::size_t>(window ? row : step)];
      const Range channel = channels[static_cast<std::size_t>(window ? step / count.taps : row)];
      visit({product % work.groups, place.images, place.h, place.w, channel,
             columns[static_cast<std::size_t>(column)], product / work.groups,
             taps[static_cast<std::size_t>(window ? step % count.taps : 0)]},
            {step == 0, step + 1 == count.reduction,
             (each * count.rows + row) * count.columns + column});
    }
  }
}

}  // namespace mxsim
