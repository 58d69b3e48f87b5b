#pragma once

#include "models/dataflow/array_command.h"
#include "models/dataflow/window_pieces.h"
#include "models/mapping/tiles/gemm_tile.h"

namespace mxsim {

/// The blocks of shared scale along the reduction of a tile, as its operands are stored; lengths 0
/// where an operand has no exact view.
ReductionBlocks reduction_blocks(WindowPiecesMemo& pieces, const GemmWork& work,
                                 const GemmTile& tile);

/// What the array computes for a tile: extents, and order and blocks of its sums. Its ports and
/// pace are those of an idle array with wide ports.
ArrayCommand tile_command(const ArraySpec& array, Pass pass, const GemmWork& work,
                          const GemmTile& tile, Accumulate accumulate, WindowPiecesMemo& pieces);

}  // namespace mxsim
