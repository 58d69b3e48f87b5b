#include "models/formats/cast_kernel.h"

#include <algorithm>
#include <array>
#include <bit>

namespace mxsim {
namespace {

// The bodies are inlined into one function for each instruction set, where the compiler turns the
// loops into its vectors. Integer operations and one float addition and subtraction an element: no
// instruction set can round differently.
#define MXSIM_KERNEL_BODY [[gnu::always_inline]] inline

constexpr std::int32_t kMagnitudeMask = 0x7fffffff;
constexpr int kFraction = 23;
constexpr int kBias = 127;

MXSIM_KERNEL_BODY void max_magnitude_bits_body(const float* __restrict row, std::int64_t count,
                                               std::int32_t* __restrict largest) {
  for (std::int64_t i = 0; i < count; ++i) {
    largest[i] = std::max(largest[i], std::bit_cast<std::int32_t>(row[i]) & kMagnitudeMask);
  }
}

/// What `kRounding` adds to the whole steps that nearest even gave: -1, 0 or 1. `rest` is what they
/// lack to the value; it and the step are exact.
template <Rounding kRounding>
MXSIM_KERNEL_BODY std::int32_t steps_beside_even(float rest, float step) {
  if constexpr (kRounding == Rounding::kNearestAway) return 2 * rest == step ? 1 : 0;
  if constexpr (kRounding == Rounding::kNearestTowardZero) return 2 * rest == -step ? -1 : 0;
  if constexpr (kRounding == Rounding::kTowardZero) return rest < 0 ? -1 : 0;
  return 0;
}

/// Adding 2^23 steps to |x| leaves x rounded to whole steps in the last bits of the sum: their
/// number is the code relative to the binade's first, subtracting again gives the value.
template <Rounding kRounding, bool kHasTwoRanges, bool kIsTwosComplement, bool kWritesCodes>
MXSIM_KERNEL_BODY void cast_row_body(const CastRow& row, const CastFormat& format) {
  const float* __restrict in = row.in;
  const std::int32_t* __restrict exponents = row.exponents;
  float* __restrict values = row.values;
  std::uint8_t* __restrict codes = row.codes;
  const CastRange low = format.low;
  const CastRange high = format.high;
  const std::int32_t largest_code = format.largest_code;
  const std::int32_t largest_bits = format.largest_bits;
  const std::int32_t sign_bit = format.sign_bit;
  const std::int32_t code_mask = format.code_mask;
  const std::int64_t count = row.count;  // a local: stores to `codes` may alias members
  for (std::int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::int32_t>(in[i]);
    const std::int32_t magnitude = bits & kMagnitudeMask;
    const std::int32_t scale = exponents[i];
    const std::int32_t exponent = (magnitude >> kFraction) - kBias - scale;
    const bool is_high = kHasTwoRanges && exponent >= high.lowest_exponent;
    const std::int32_t low_binade = std::max(exponent, low.lowest_exponent);
    const std::int32_t binade = is_high ? exponent : low_binade;
    const std::int32_t mantissa_bits = is_high ? high.mantissa_bits : low.mantissa_bits;
    const std::int32_t code_offset =
        is_high ? ((exponent - high.lowest_exponent) << high.mantissa_bits) + high.code_offset
                : ((low_binade - low.lowest_exponent) << low.mantissa_bits) + low.code_offset;
    const std::int32_t shifter_bits = (binade + scale - mantissa_bits + kFraction + kBias)
                                      << kFraction;
    const auto shifter = std::bit_cast<float>(shifter_bits);
    const float sum = std::bit_cast<float>(magnitude) + shifter;
    // Unsigned: blocks that the caller casts again (NaN, infinities) may wrap around.
    std::uint32_t steps =
        std::bit_cast<std::uint32_t>(sum) - static_cast<std::uint32_t>(shifter_bits);
    float rounded = sum - shifter;
    if constexpr (kRounding != Rounding::kNearestEven) {
      const auto step = std::bit_cast<float>(shifter_bits - (kFraction << kFraction));
      const std::int32_t more =
          steps_beside_even<kRounding>(std::bit_cast<float>(magnitude) - rounded, step);
      steps += static_cast<std::uint32_t>(more);
      rounded += static_cast<float>(more) * step;
    }
    const std::int32_t code = std::min(
        static_cast<std::int32_t>(steps + static_cast<std::uint32_t>(code_offset)), largest_code);
    const std::int32_t value =
        std::min(std::bit_cast<std::int32_t>(rounded), largest_bits + (scale << kFraction));
    const std::int32_t sign_mask = kIsTwosComplement ? (code == 0 ? 0 : bits >> 31) : bits >> 31;
    values[i] = std::bit_cast<float>(value | (sign_mask & ~kMagnitudeMask));
    if constexpr (kWritesCodes) {
      const std::int32_t with_sign = kIsTwosComplement
                                         ? ((code ^ sign_mask) - sign_mask) & code_mask
                                         : code | (sign_mask & sign_bit);
      codes[i] = static_cast<std::uint8_t>(with_sign);
    }
  }
}

template <Rounding kRounding, bool kHasTwoRanges, bool kIsTwosComplement>
MXSIM_KERNEL_BODY void cast_row_codes(const CastRow& row, const CastFormat& format) {
  if (row.codes == nullptr) {
    cast_row_body<kRounding, kHasTwoRanges, kIsTwosComplement, false>(row, format);
  } else {
    cast_row_body<kRounding, kHasTwoRanges, kIsTwosComplement, true>(row, format);
  }
}

template <Rounding kRounding>
MXSIM_KERNEL_BODY void cast_row_rounding(const CastRow& row, const CastFormat& format) {
  const bool has_two = format.low.lowest_exponent != format.high.lowest_exponent;
  if (format.is_twos_complement) {
    cast_row_codes<kRounding, false, true>(row, format);
  } else if (has_two) {
    cast_row_codes<kRounding, true, false>(row, format);
  } else {
    cast_row_codes<kRounding, false, false>(row, format);
  }
}

MXSIM_KERNEL_BODY void cast_row_any(const CastRow& row, const CastFormat& format) {
  switch (format.rounding) {
    case Rounding::kNearestEven:
      return cast_row_rounding<Rounding::kNearestEven>(row, format);
    case Rounding::kNearestAway:
      return cast_row_rounding<Rounding::kNearestAway>(row, format);
    case Rounding::kNearestTowardZero:
      return cast_row_rounding<Rounding::kNearestTowardZero>(row, format);
    case Rounding::kTowardZero:
      return cast_row_rounding<Rounding::kTowardZero>(row, format);
    case Rounding::kStochastic:
      break;  // FastCast refuses it
  }
}

void max_scalar(const float* row, std::int64_t count, std::int32_t* largest) {
  max_magnitude_bits_body(row, count, largest);
}
void cast_scalar(const CastRow& row, const CastFormat& format) { cast_row_any(row, format); }

#if defined(__x86_64__)
[[gnu::target("avx2")]] void max_avx2(const float* row, std::int64_t count, std::int32_t* largest) {
  max_magnitude_bits_body(row, count, largest);
}
[[gnu::target("avx2")]] void cast_avx2(const CastRow& row, const CastFormat& format) {
  cast_row_any(row, format);
}
[[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512")]] void max_avx512(
    const float* row, std::int64_t count, std::int32_t* largest) {
  max_magnitude_bits_body(row, count, largest);
}
[[gnu::target("avx512f,avx512bw,avx512vl,avx512dq,prefer-vector-width=512")]] void cast_avx512(
    const CastRow& row, const CastFormat& format) {
  cast_row_any(row, format);
}
#endif

#undef MXSIM_KERNEL_BODY

}  // namespace

const CastKernels& cast_kernels(SimdLevel level) {
#if defined(__x86_64__)
  static constexpr std::array<CastKernels, 3> kKernels{
      {{max_scalar, cast_scalar}, {max_avx2, cast_avx2}, {max_avx512, cast_avx512}}};
  return kKernels[static_cast<std::size_t>(level)];
#else
  static constexpr CastKernels kScalar{max_scalar, cast_scalar};
  static_cast<void>(level);
  return kScalar;
#endif
}

}  // namespace mxsim
