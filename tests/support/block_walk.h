#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/tiles/operand_data.h"
#include "tests/support/array_case.h"

namespace mxsim {

/// What scale-and-add units get of one command.
struct BlockWalk {
  std::int64_t ends = 0;
  std::int64_t stall = 0;
};

/// By element k of the reduction: whether an exact sum of a result row ends with it.
using RowEnds = std::function<std::vector<bool>(std::int64_t m)>;

/// Hands every end of every result to its unit: the unit of the PE and pass that add element k.
BlockWalk walk_blocks(const ArraySpec& array, const ArrayCommand& command, const RowEnds& ends);

/// A chip with this array and plain buffers.
MapperChip chip_of(const ArraySpec& array);

/// The command with drawn operands.
ArrayCase with_data(const ArraySpec& array, const ArrayCommand& command, OperandData& data,
                    const GemmWork& work, const GemmTile& tile);

}  // namespace mxsim
