#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// Loops that an operand's or the result's tiles are told apart by.
/// kReduction: channels, and for each piece of them the taps.
enum class Axes : std::uint8_t { kPositions, kChannels, kReduction, kColumns };

/// Calls `visit` for every tile along two axes, of all products; the third axis is at its first
/// piece.
void for_each_tile_of(const GemmWork& work, const GemmTiling& tiling, std::pair<Axes, Axes> axes,
                      const std::function<void(const GemmTile&)>& visit);

/// A tile that no other exceeds in rows, columns, reduction or inputs that it reads.
GemmTile fullest_tile(const GemmWork& work, const GemmTiling& tiling);

/// Inputs that the pieces of one axis read, for every length of a piece; worked out when asked for.
class AxisPieces {
 public:
  struct Inputs {
    std::int64_t fullest = -1;  ///< of the piece that reads the most
    std::int64_t together = 0;  ///< of all pieces: halos are read by both neighbours
  };

  explicit AxisPieces(const WindowAxis& axis)
      : axis_(axis), known_(static_cast<std::size_t>(axis.out) + 1) {}

  const Inputs& inputs(std::int64_t piece);

 private:
  const WindowAxis& axis_;
  std::vector<Inputs> known_;
};

/// Least bytes of so many elements on chip, where they stand in the wider of two formats.
std::int64_t operand_bytes(std::int64_t elements, const StoredTensor& stored,
                           const FormatSpec& operand);

/// Columns of a matrix, and how many of them a tile has.
struct SplitColumns {
  std::int64_t total = 1;
  std::int64_t piece = 1;
};

/// Least bytes that whole bursts move for `rows` rows of the tensor in pieces of columns, each
/// fetched once.
std::int64_t least_moved(const StoredTensor& tensor, std::int64_t rows, SplitColumns columns,
                         std::int64_t burst);

/// Tiles of one product that have equal extents along every axis.
struct ExtentCount {
  std::int64_t tiles = 0;
  std::int64_t first_of_reduction = 0;  ///< those that begin the reduction
};

/// Calls `visit` for each combination of full and partial extents, with one tile of it.
void for_each_extent(const GemmWork& work, const GemmTiling& tiling,
                     const std::function<void(const GemmTile&, const ExtentCount&)>& visit);

}  // namespace mxsim
