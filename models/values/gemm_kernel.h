#pragma once

#include <cstdint>

namespace mxsim {

/// Rows and columns of results that a kernel adds at a time.
inline constexpr std::int64_t kKernelRows = 8;
inline constexpr std::int64_t kKernelCols = 8;

/// sums[r][c] += a[k][r] * b[k][c] for k = 0 .. count - 1, in this order, each with one rounding
/// (fused). `a` is [k][kKernelRows], `b` [k][kKernelCols], `sums` [kKernelRows][kKernelCols]. The
/// same bits on every processor.
using GemmKernel = void (*)(const float* a, const float* b, std::int64_t count, float* sums);

/// The fastest that this processor has.
GemmKernel gemm_kernel();
/// With std::fma, for comparison.
void plain_gemm_kernel(const float* a, const float* b, std::int64_t count, float* sums);

}  // namespace mxsim
