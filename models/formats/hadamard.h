#pragma once

#include <cstdint>
#include <span>

#include "models/formats/block_shape.h"

namespace mxsim {

/// Multiplies runs of `points` neighbouring values (a power of two) by the orthonormal
/// Walsh-Hadamard matrix, in place: along rows where blocks lie along columns (more rows than
/// columns), else along columns. Values of a last run that is shorter stay as they are. Two
/// operands that are transformed along the axis they are summed over have the same product.
void transform_hadamard(std::span<float> values, std::int64_t rows, std::int64_t cols,
                        const BlockShape& block, int points);

/// Additions and subtractions for each value.
int hadamard_additions(int points);

}  // namespace mxsim
