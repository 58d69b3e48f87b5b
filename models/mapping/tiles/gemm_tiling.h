#pragma once

#include <cstdint>
#include <functional>

#include "models/mapping/tiles/gemm_tile.h"
#include "models/mapping/tiles/loop_order.h"

namespace mxsim {

/// Tile extents along each loop of one GEMM, and the order of the loops.
struct GemmTiling {
  std::int64_t images = 1;
  std::int64_t h = 1;
  std::int64_t w = 1;
  std::int64_t channels = 1;
  std::int64_t n = 1;
  LoopOrder order = LoopOrder::kRowsColumnsReduction;
  /// Of the window; 0: all. The tiles of one piece of channels follow each other in the
  /// reduction.
  std::int64_t taps = 0;

  auto operator<=>(const GemmTiling&) const = default;
};

/// Whether tiles hold a part of the taps; a weight gradient's hold all of them.
bool cuts_taps(const GemmWork& work, const GemmTiling& tiling);

/// Number of tiles along the rows of the result, its columns and the reduction.
struct TileTrips {
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t reduction = 1;
  std::int64_t taps = 1;  ///< steps of the reduction, one behind the other, on one left tile

  std::int64_t total() const { return rows * columns * reduction; }
  std::int64_t of(Loop loop) const {
    return loop == Loop::kRows ? rows : loop == Loop::kColumns ? columns : reduction;
  }
};

TileTrips trips(const GemmWork& work, const GemmTiling& tiling);

/// Tiles that the rings of the buffers hold at once.
struct RingSlots {
  std::int64_t left = 2;
  std::int64_t right = 2;
  std::int64_t result = 2;
};

/// How often the whole of an operand crosses from DRAM, and unfinished results cross to DRAM and
/// back. A ring keeps the tiles fetched last and drops the oldest for a new one: a tile that comes
/// again is still there if no more others than slots come in between; in a loop nest they come in a
/// cycle, so all of them stay or none.
struct TileReuse {
  std::int64_t left = 1;
  std::int64_t right = 1;
  std::int64_t spills = 0;  ///< times that every result tile is stored unfinished, and read again
};

TileReuse reuse(const TileTrips& trips, LoopOrder order, RingSlots slots);

/// Place of a tile in the loop nest.
struct TilePosition {
  bool first_of_reduction = true;
  bool last_of_reduction = true;
  std::int64_t result = 0;  ///< number of the result tile it adds to, over all products
};

/// FP32 partial sums of a tile of these extents.
Bytes partial_sum_bytes(const GemmExtents& tile);

/// Distance between the unfinished results of two tiles where they are stored: whole bursts.
std::int64_t spill_pitch(const GemmWork& work, const GemmTiling& tiling, std::int64_t burst);

/// DRAM that unfinished results of this mapping need.
Bytes spill_bytes(const GemmWork& work, const GemmTiling& tiling, RingSlots slots,
                  std::int64_t burst);

/// Calls `visit` for every tile of the GEMM (all batch elements, all groups) in loop order.
void for_each_tile(const GemmWork& work, const GemmTiling& tiling,
                   const std::function<void(const GemmTile&, TilePosition)>& visit);

/// [0, total) in pieces; the last may be smaller.
std::vector<Range> split(std::int64_t total, std::int64_t piece);

/// Output positions of one tile.
struct PositionTile {
  Range images;
  Range h;
  Range w;
};

std::vector<PositionTile> position_tiles(const GemmWork& work, const GemmTiling& tiling);

}  // namespace mxsim
