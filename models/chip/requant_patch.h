#pragma once

#include <algorithm>
#include <cstdint>

#include "models/core/units.h"
#include "models/formats/block_shape.h"

namespace mxsim {

/// What keeps operands that are encoded on their way to the array until the scale of their blocks
/// is known: blocks of several rows end rows after their first element came. A patch has the rows
/// of a block and a column for each lane, in BF16, which holds decoded elements of up to 8 bits
/// exactly; a second one fills while the first is encoded. Results need none: they wait in their
/// slot of the accumulator buffer.
inline constexpr std::int64_t kRequantPatches = 2;
inline constexpr std::int64_t kPatchElementBytes = 2;

/// Rows that pass through a patch together; 0: a row's blocks end with it, or, where one block is
/// the whole axis, its scale is known before.
constexpr std::int64_t patch_rows(const BlockShape& block) {
  return block.rows > 1 && block.rows != kWholeAxis ? block.rows : 0;
}

/// Cycles until the first patch is full.
constexpr Cycles patch_fill(std::int64_t rows, std::int64_t elements, std::int64_t lanes) {
  return Cycles(std::min(rows, ceil_div(elements, lanes)));
}

}  // namespace mxsim
