#pragma once

#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// Extents up to this length are tried in every size.
inline constexpr std::int64_t kEverySize = 16;

/// Tile sizes along the loops of a GEMM that are worth trying, largest first.
struct TileCandidates {
  struct Positions {
    std::int64_t images = 1;
    std::int64_t h = 1;
    std::int64_t w = 1;
  };
  /// Taps as in GemmTiling.
  struct Weights {
    std::int64_t channels = 1;
    std::int64_t taps = 0;
  };
  std::vector<Positions> positions;
  std::vector<Weights> weights;
  std::vector<std::int64_t> columns;
};

/// All sizes where images * height * width, channels and columns are small. Else, of each number of
/// tiles that is tried (few are tried one by one, more in steps of a quarter), the smallest size
/// that gives it, and that one rounded up to blocks and to the array. Positions are then whole
/// images before parts of one, and whole rows of an image before parts of a row. Channels that fill
/// the array's rows, and all channels, are tried with single rows of a window and single taps, too:
/// fewer channels of all taps seldom fill whole passes. An array that takes one tap at a time is
/// given no other tiles.
TileCandidates tile_candidates(const GemmWork& work, const std::vector<StoredTensor>& tensors,
                               const MapperChip& chip);

}  // namespace mxsim
