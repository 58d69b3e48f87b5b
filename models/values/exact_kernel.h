#pragma once

#include <cstdint>
#include <vector>

#include "models/formats/simd_level.h"
#include "models/values/packed_shape.h"

namespace mxsim {

/// One exact part of a tile of results: with block[r][c] = sum over k of a[k][r] * b[k][c],
/// integers held exactly in doubles, sums[r][c] becomes sums[r][c] + block[r][c] * a_scale[r] *
/// b_scale[c], rounded once to FP32. Scales are powers of two whose product is a normal double.
struct ExactPart {
  const double* a;  ///< [k][kPackedRows], the first `rows` of each
  const double* b;  ///< [k][kPackedCols]
  std::int64_t count;
  const double* a_scale;  ///< [kPackedRows]
  const double* b_scale;  ///< [kPackedCols]
  float* sums;            ///< [kPackedRows][kPackedCols]
};

using ExactKernel = void (*)(const ExactPart& part);

/// Instruction sets of this processor that kernels are there for, slowest first. kScalar adds as
/// models/arithmetic/mac.h says; the bits are the same with each.
std::vector<SimdLevel> exact_kernel_levels();
/// For 1 .. kPackedRows rows.
ExactKernel exact_kernel(std::int64_t rows, SimdLevel level);

}  // namespace mxsim
