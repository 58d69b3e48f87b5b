#pragma once

#include "models/dataflow/array_command.h"
#include "models/dataflow/window_pieces.h"
#include "models/mapping/tiles/gemm_tile.h"

namespace mxsim {

/// The blocks of shared scale along the reduction of a tile, as its operands are stored; lengths 0
/// where an operand has no exact view.
ReductionBlocks reduction_blocks(WindowPiecesMemo& pieces, const GemmWork& work,
                                 const GemmTile& tile);

}  // namespace mxsim
