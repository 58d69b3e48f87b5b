#include "models/values/gemm_kernel.h"

#include <cmath>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace mxsim {

void plain_gemm_kernel(const float* a, const float* b, std::int64_t count, float* sums) {
  for (std::int64_t k = 0; k < count; ++k, a += kPackedRows, b += kPackedCols) {
    for (std::int64_t r = 0; r < kPackedRows; ++r) {
      for (std::int64_t c = 0; c < kPackedCols; ++c) {
        float& sum = sums[r * kPackedCols + c];
        sum = std::fma(a[r], b[c], sum);
      }
    }
  }
}

namespace {

void multiply_rows(const float* a, const float* b, std::int64_t count, float* sums) {
  for (std::int64_t i = 0; i < count; ++i) sums[i] = std::fma(a[i], b[i], sums[i]);
}

}  // namespace

#if defined(__x86_64__)
namespace {

__attribute__((target("avx2,fma"))) void avx2_multiply_rows(const float* a, const float* b,
                                                            std::int64_t count, float* sums) {
  constexpr std::int64_t kWidth = 8;
  std::int64_t i = 0;
  for (; i + kWidth <= count; i += kWidth) {
    _mm256_storeu_ps(sums + i, _mm256_fmadd_ps(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i),
                                               _mm256_loadu_ps(sums + i)));
  }
  for (; i < count; ++i) sums[i] = std::fma(a[i], b[i], sums[i]);
}

__attribute__((target("avx2,fma"))) void avx2_gemm_kernel(const float* a, const float* b,
                                                          std::int64_t count, float* sums) {
  __m256 total[kPackedRows];
  for (std::int64_t r = 0; r < kPackedRows; ++r) total[r] = _mm256_loadu_ps(sums + r * kPackedCols);
  for (std::int64_t k = 0; k < count; ++k, a += kPackedRows, b += kPackedCols) {
    const __m256 right = _mm256_loadu_ps(b);
    for (std::int64_t r = 0; r < kPackedRows; ++r) {
      total[r] = _mm256_fmadd_ps(_mm256_broadcast_ss(a + r), right, total[r]);
    }
  }
  for (std::int64_t r = 0; r < kPackedRows; ++r) _mm256_storeu_ps(sums + r * kPackedCols, total[r]);
}

}  // namespace
#endif

MultiplyRowsKernel multiply_rows_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_multiply_rows;
#endif
  return &multiply_rows;
}

GemmKernel gemm_kernel() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2_gemm_kernel;
#endif
  return &plain_gemm_kernel;
}

}  // namespace mxsim
