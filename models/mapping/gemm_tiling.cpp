#include "models/mapping/gemm_tiling.h"

#include <algorithm>
#include <vector>

namespace mxsim {
namespace {

std::vector<Range> split(std::int64_t total, std::int64_t piece) {
  std::vector<Range> pieces;
  for (std::int64_t start = 0; start < total; start += piece) {
    pieces.push_back({start, std::min(piece, total - start)});
  }
  return pieces;
}

struct PositionTile {
  Range images;
  Range h;
  Range w;
};

std::vector<PositionTile> position_tiles(const GemmWork& work, const GemmTiling& tiling) {
  std::vector<PositionTile> tiles;
  for (const Range images : split(work.images, tiling.images)) {
    for (const Range h : split(work.h.out, tiling.h)) {
      for (const Range w : split(work.w.out, tiling.w)) tiles.push_back({images, h, w});
    }
  }
  return tiles;
}

}  // namespace

TileTrips trips(const GemmWork& work, const GemmTiling& tiling) {
  const std::int64_t positions = ceil_div(work.images, tiling.images) *
                                 ceil_div(work.h.out, tiling.h) * ceil_div(work.w.out, tiling.w);
  const std::int64_t channels = ceil_div(work.channels, tiling.channels);
  const bool window = work.kind == GemmKind::kWindow;
  return {window ? positions : channels, ceil_div(work.n, tiling.n), window ? channels : positions};
}

OperandFetches fetches(const TileTrips& trips, OuterLoop outer) {
  if (outer == OuterLoop::kRows) {
    return {trips.reduction > 1 ? trips.columns : 1,
            trips.reduction > 1 || trips.columns > 1 ? trips.rows : 1};
  }
  return {trips.reduction > 1 || trips.rows > 1 ? trips.columns : 1,
          trips.reduction > 1 ? trips.rows : 1};
}

void for_each_tile(const GemmWork& work, const GemmTiling& tiling,
                   const std::function<void(const GemmTile&, TilePosition)>& visit) {
  const bool window = work.kind == GemmKind::kWindow;
  const std::vector<PositionTile> positions = position_tiles(work, tiling);
  const std::vector<Range> channels = split(work.channels, tiling.channels);
  const std::vector<Range> columns = split(work.n, tiling.n);
  const std::size_t rows = window ? positions.size() : channels.size();
  const std::size_t depth = window ? channels.size() : positions.size();
  const bool rows_outer = tiling.outer == OuterLoop::kRows;
  const std::size_t outer = rows_outer ? rows : columns.size();
  const std::size_t inner = rows_outer ? columns.size() : rows;
  for (std::int64_t product = 0; product < work.products(); ++product) {
    for (std::size_t tile = 0; tile < outer * inner; ++tile) {
      const std::size_t row = rows_outer ? tile / inner : tile % inner;
      const std::size_t column = rows_outer ? tile % inner : tile / inner;
      for (std::size_t step = 0; step < depth; ++step) {
        const PositionTile& place = positions[window ? row : step];
        const Range channel = channels[window ? step : row];
        visit({product % work.groups, place.images, place.h, place.w, channel, columns[column],
               product / work.groups},
              {step == 0, step + 1 == depth});
      }
    }
  }
}

}  // namespace mxsim
