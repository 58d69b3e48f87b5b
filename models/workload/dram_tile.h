#pragma once

#include <cstdint>

namespace mxsim {

/// Whether the block scales of a tile-major tensor follow all elements of the tensor, or each tile
/// is followed by its own.
enum class ScalePlace : std::uint8_t { kApart, kBeside };

/// How a matrix lies in DRAM. Tile-major: bands of `rows` rows, one below the other; in a band,
/// tiles of `cols` columns side by side; in a tile, row-major elements. Tiles at the matrix's edges
/// are as small as the rest of it, so that the layout adds no byte. Row-major where `rows` is 0.
struct DramTile {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  ScalePlace scales = ScalePlace::kApart;

  bool row_major() const { return rows == 0; }
  bool operator==(const DramTile&) const = default;
};

}  // namespace mxsim
