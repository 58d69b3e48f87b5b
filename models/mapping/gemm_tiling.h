#pragma once

#include <cstdint>
#include <functional>

#include "models/mapping/gemm_tile.h"

namespace mxsim {

/// Which of the two loops over result tiles is the outer one. The loop over the reduction is always
/// innermost: partial sums never leave the chip.
enum class OuterLoop : std::uint8_t { kRows, kColumns };

/// Tile extents along each loop of one GEMM, and the order of the loops.
struct GemmTiling {
  std::int64_t images = 1;
  std::int64_t h = 1;
  std::int64_t w = 1;
  std::int64_t channels = 1;
  std::int64_t n = 1;
  OuterLoop outer = OuterLoop::kRows;

  bool operator==(const GemmTiling&) const = default;
};

/// Number of tiles along the rows of the result, its columns and the reduction.
struct TileTrips {
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t reduction = 1;

  std::int64_t total() const { return rows * columns * reduction; }
};

TileTrips trips(const GemmWork& work, const GemmTiling& tiling);

/// How often the whole left or right operand crosses from DRAM: an operand's tile is fetched again
/// whenever it differs from the one fetched last.
struct OperandFetches {
  std::int64_t left = 1;
  std::int64_t right = 1;
};

OperandFetches fetches(const TileTrips& trips, OuterLoop outer);

/// Place of a tile in the loop nest.
struct TilePosition {
  bool first_of_reduction = true;
  bool last_of_reduction = true;
};

/// Calls `visit` for every tile of the GEMM (all batch elements, all groups) in loop order.
void for_each_tile(const GemmWork& work, const GemmTiling& tiling,
                   const std::function<void(const GemmTile&, TilePosition)>& visit);

}  // namespace mxsim
