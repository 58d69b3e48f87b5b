#pragma once

#include <cstdint>

#include "models/values/packed_shape.h"

namespace mxsim {

/// sums[r][c] += a[k][r] * b[k][c] for k = 0 .. count - 1, in this order, each with one rounding
/// (fused). `a` is [k][kPackedRows], `b` [k][kPackedCols], `sums` [kPackedRows][kPackedCols]. The
/// same bits on every processor.
using GemmKernel = void (*)(const float* a, const float* b, std::int64_t count, float* sums);

/// sums[i] += a[i] * b[i], each with one rounding.
using MultiplyRowsKernel = void (*)(const float* a, const float* b, std::int64_t count,
                                    float* sums);
MultiplyRowsKernel multiply_rows_kernel();

/// The fastest that this processor has.
GemmKernel gemm_kernel();
/// With std::fma, for comparison.
void plain_gemm_kernel(const float* a, const float* b, std::int64_t count, float* sums);

}  // namespace mxsim
