#include "models/values/exact_kernel.h"

#include <array>
#include <utility>

#include "models/arithmetic/mac.h"

#if defined(__x86_64__)
// GCC bug 105593: its own intrinsics count as uninitialised.
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#endif

namespace mxsim {
namespace {

template <int kRows>
void plain_kernel(const ExactPart& part) {
  for (int r = 0; r < kRows; ++r) {
    for (std::int64_t c = 0; c < kPackedCols; ++c) {
      double block = 0;
      for (std::int64_t k = 0; k < part.count; ++k) {
        block += part.a[k * kPackedRows + r] * part.b[k * kPackedCols + c];
      }
      float& sum = part.sums[r * kPackedCols + c];
      sum = static_cast<float>(add_scaled_to_odd(sum, block, part.a_scale[r] * part.b_scale[c]));
    }
  }
}

template <template <int> class Kernel, int... kRows>
constexpr std::array<ExactKernel, sizeof...(kRows)> kernels_of(
    std::integer_sequence<int, kRows...>) {
  return {&Kernel<kRows + 1>::run...};
}

template <int kRows>
struct Plain {
  static void run(const ExactPart& part) { plain_kernel<kRows>(part); }
};

#if defined(__x86_64__)

/// sum + value, both of eight results, rounded once to FP32: between the sums rounded down and up
/// the one whose last bit is 1 is rounded to FP32 (see add_to_odd).
__attribute__((target("avx512f,avx512dq"))) inline __m256 add_once(__m256 sum, __m512d value) {
  constexpr int kDown = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC;
  constexpr int kUp = _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC;
  const __m512d wide = _mm512_cvtps_pd(sum);
  const __m512d nearest = _mm512_add_pd(wide, value);
  const __m512d down = _mm512_add_round_pd(wide, value, kDown);
  const __m512d up = _mm512_add_round_pd(wide, value, kUp);
  const __mmask8 inexact = _mm512_cmp_pd_mask(down, up, _CMP_LT_OQ);
  const __m512i one = _mm512_set1_epi64(1);
  const __mmask8 down_is_odd = _mm512_test_epi64_mask(_mm512_castpd_si512(down), one);
  const __m512d odd = _mm512_mask_blend_pd(down_is_odd, up, down);
  return _mm512_cvtpd_ps(_mm512_mask_blend_pd(inexact, nearest, odd));
}

template <int kRows>
struct Avx512 {
  __attribute__((target("avx512f,avx512dq"))) static void run(const ExactPart& part) {
    __m512d block[kRows];
    for (int r = 0; r < kRows; ++r) block[r] = _mm512_setzero_pd();
    const double* a = part.a;
    const double* b = part.b;
    for (std::int64_t k = 0; k < part.count; ++k, a += kPackedRows, b += kPackedCols) {
      const __m512d right = _mm512_loadu_pd(b);
      for (int r = 0; r < kRows; ++r) {
        block[r] = _mm512_fmadd_pd(_mm512_set1_pd(a[r]), right, block[r]);
      }
    }
    const __m512d b_scale = _mm512_loadu_pd(part.b_scale);
    for (int r = 0; r < kRows; ++r) {
      const __m512d scale = _mm512_mul_pd(_mm512_set1_pd(part.a_scale[r]), b_scale);
      float* const sum = part.sums + r * kPackedCols;
      _mm256_storeu_ps(sum, add_once(_mm256_loadu_ps(sum), _mm512_mul_pd(block[r], scale)));
    }
  }
};

/// The same for four results, with the error of the nearest sum (Knuth's two-sum) instead of
/// directed rounding.
__attribute__((target("avx2,fma"))) inline __m128 add_once(__m128 sum, __m256d value) {
  const __m256d wide = _mm256_cvtps_pd(sum);
  const __m256d s = _mm256_add_pd(wide, value);
  const __m256d back = _mm256_sub_pd(s, wide);
  const __m256d error =
      _mm256_add_pd(_mm256_sub_pd(wide, _mm256_sub_pd(s, back)), _mm256_sub_pd(value, back));
  const __m256d zero = _mm256_setzero_pd();
  const __m256i inexact = _mm256_castpd_si256(_mm256_cmp_pd(error, zero, _CMP_NEQ_OQ));
  const __m256i bits = _mm256_castpd_si256(s);
  const __m256i one = _mm256_set1_epi64x(1);
  const __m256i even = _mm256_cmpeq_epi64(_mm256_and_si256(bits, one), _mm256_setzero_si256());
  // Away from zero where error and sum have one sign: +1, else -1.
  const __m256d signs = _mm256_xor_pd(error, s);
  const __m256i against = _mm256_castpd_si256(_mm256_blendv_pd(
      _mm256_castsi256_pd(one), _mm256_castsi256_pd(_mm256_set1_epi64x(-1)), signs));
  const __m256i step = _mm256_and_si256(against, _mm256_and_si256(inexact, even));
  return _mm256_cvtpd_ps(_mm256_castsi256_pd(_mm256_add_epi64(bits, step)));
}

template <int kRows>
struct Avx2 {
  __attribute__((target("avx2,fma"))) static void run(const ExactPart& part) {
    constexpr int kWidth = 4;
    for (int half = 0; half < 2; ++half) {
      __m256d block[kRows];
      for (int r = 0; r < kRows; ++r) block[r] = _mm256_setzero_pd();
      const double* a = part.a;
      const double* b = part.b + half * kWidth;
      for (std::int64_t k = 0; k < part.count; ++k, a += kPackedRows, b += kPackedCols) {
        const __m256d right = _mm256_loadu_pd(b);
        for (int r = 0; r < kRows; ++r) {
          block[r] = _mm256_fmadd_pd(_mm256_broadcast_sd(a + r), right, block[r]);
        }
      }
      const __m256d b_scale = _mm256_loadu_pd(part.b_scale + half * kWidth);
      for (int r = 0; r < kRows; ++r) {
        const __m256d scale = _mm256_mul_pd(_mm256_broadcast_sd(part.a_scale + r), b_scale);
        float* const sum = part.sums + r * kPackedCols + half * kWidth;
        _mm_storeu_ps(sum, add_once(_mm_loadu_ps(sum), _mm256_mul_pd(block[r], scale)));
      }
    }
  }
};

#endif

constexpr auto kRowCounts = std::make_integer_sequence<int, kPackedRows>();

}  // namespace

std::vector<SimdLevel> exact_kernel_levels() {
  std::vector<SimdLevel> levels{SimdLevel::kScalar};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    levels.push_back(SimdLevel::kAvx2);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq")) {
    levels.push_back(SimdLevel::kAvx512);
  }
#endif
  return levels;
}

ExactKernel exact_kernel(std::int64_t rows, SimdLevel level) {
  const auto at = static_cast<std::size_t>(rows - 1);
  static constexpr auto kPlain = kernels_of<Plain>(kRowCounts);
#if defined(__x86_64__)
  static constexpr auto kAvx2 = kernels_of<Avx2>(kRowCounts);
  static constexpr auto kAvx512 = kernels_of<Avx512>(kRowCounts);
  if (level == SimdLevel::kAvx2) return kAvx2[at];
  if (level == SimdLevel::kAvx512) return kAvx512[at];
#endif
  (void)level;
  return kPlain[at];
}

}  // namespace mxsim
