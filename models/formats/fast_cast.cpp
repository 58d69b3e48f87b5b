#include "models/formats/fast_cast.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "models/core/error.h"
#include "models/core/shape.h"
#include "models/formats/element_codec.h"
#include "models/formats/quantizer.h"
#include "models/formats/scale_rule.h"

namespace mxsim {
namespace {

constexpr int kFraction = 23;
constexpr int kBias = 127;
constexpr std::int32_t kInfinityBits = 0x7f800000;
constexpr std::int64_t kColumnsAtOnce = 2048;

CastFormat cast_format(const NumberSpec& number, Rounding rounding) {
  CastFormat format;
  format.rounding = rounding;
  std::int32_t first_code = 1 << number.binades.front().mantissa_bits;
  CastRange* range = &format.low;
  for (const auto& [lowest, highest, mantissa_bits, end, repeated] : number.binades) {
    *range = {lowest, mantissa_bits, first_code - (1 << mantissa_bits)};
    first_code += (highest - lowest + 1) << mantissa_bits;
    range = &format.high;
  }
  if (number.binades.size() == 1) format.high = format.low;
  format.largest_code = static_cast<std::int32_t>(number.largest_code);
  format.largest_bits = std::bit_cast<std::int32_t>(static_cast<float>(number.largest()));
  format.sign_bit = 1 << (number.bits - 1);
  format.code_mask = (1 << number.bits) - 1;
  format.is_twos_complement = number.sign == SignCoding::kTwosComplement;
  return format;
}

/// Smallest fraction bits of a maximum for which the rule goes up; 2^23 when it never does.
std::int32_t fraction_to_go_up(const ElementCodec& element, ScaleRule rule) {
  const int floor = scale_exponent(1.0, element, ScaleRule::kFloor);
  std::int32_t low = 0;
  std::int32_t high = 1 << kFraction;
  while (low < high) {
    const std::int32_t middle = (low + high) / 2;
    const double amax = 1 + std::ldexp(middle, -kFraction);
    if (scale_exponent(amax, element, rule) > floor) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

bool FastCast::supports(const DataLayout& layout, Rounding rounding) {
  const FormatSpec& format = layout.format;
  const auto simple = [](const BinadeRange& range) {
    return range.mantissa_bits > 0 && range.end == RangeEnd::kCarry && range.repeated_codes == 0;
  };
  const auto adjoin = [](const BinadeRange& below, const BinadeRange& above) {
    return above.lowest_exponent == below.highest_exponent + 1;
  };
  return rounding != Rounding::kStochastic && format.scale && format.scale->is_power_of_two() &&
         format.scale->bits == 8 && !format.offsets &&
         format.nan_policy == NanPolicy::kPoisonBlock && format.element.bits <= 8 &&
         format.element.sign != SignCoding::kUnsigned && format.element.smallest_code == 0 &&
         format.element.overflow == Overflow::kSaturate &&
         format.element.subnormals == Subnormals::kKeep &&
         format.element.specials != SpecialCodes::kNegativeZeroNan &&
         format.element.binades.size() <= 2 &&
         std::ranges::all_of(format.element.binades, simple) &&
         (format.element.binades.size() == 1 ||
          adjoin(format.element.binades[0], format.element.binades[1]));
}

FastCast::FastCast(const DataLayout& layout, Rounding rounding, SimdLevel level)
    : layout_(layout),
      kernels_(&cast_kernels(level)),
      format_(cast_format(layout.format.element, rounding)),
      highest_exponent_(layout.format.element.highest_exponent()),
      up_from_fraction_(
          fraction_to_go_up(ElementCodec(layout.format.element), layout.format.scale_rule)) {
  ensure(supports(layout, rounding), "FastCast: unsupported layout");
  const NumberSpec& number = layout.format.element;
  // Normal steps and elements below; 2^23 steps and the next binade finite above.
  lowest_fast_scale_ = -kBias + 1 - number.lsb_exponent();
  highest_fast_scale_ = kBias - 1 - kFraction - std::max(0, highest_exponent_);
}

/// Rows [row_begin, row_end) x columns [col_begin, col_end) of a cast: whole blocks, except at the
/// matrix's edges.
class FastCastBand {
 public:
  FastCastBand(const FastCast& cast, std::span<const float> in, std::int64_t cols,
               std::span<float> values, std::span<std::uint8_t> codes)
      : cast_(cast), in_(in), cols_(cols), values_(values), codes_(codes) {}

  /// `scales`: one code for each block of the band, or null.
  void run(std::int64_t row_begin, std::int64_t row_end, std::int64_t col_begin,
           std::int64_t col_end, std::uint8_t* scales) {
    const auto width = static_cast<std::size_t>(col_end - col_begin);
    maxima_.assign(width, 0);
    exponents_.resize(width);
    if (values_.empty()) unused_.resize(width);
    for (std::int64_t row = row_begin; row < row_end; ++row) {
      cast_.kernels_->max_magnitude_bits(in_.data() + row * cols_ + col_begin, col_end - col_begin,
                                         maxima_.data());
    }
    slow_blocks_.clear();
    choose_scales(scales);
    for (std::int64_t row = row_begin; row < row_end; ++row) {
      const std::int64_t at = row * cols_ + col_begin;
      cast_.kernels_->cast_row({in_.data() + at, exponents_.data(), col_end - col_begin,
                                values_.empty() ? unused_.data() : values_.data() + at,
                                codes_.empty() ? nullptr : codes_.data() + at},
                               cast_.format_);
    }
    for (const SlowBlock& block : slow_blocks_) {
      cast_slowly(row_begin, row_end, col_begin + block.begin, col_begin + block.end, block.scale);
    }
  }

 private:
  struct SlowBlock {
    std::int64_t begin, end;  ///< columns of the band
    std::uint8_t* scale;
  };

  void choose_scales(std::uint8_t* scales) {
    const auto width = static_cast<std::int64_t>(maxima_.size());
    const std::int64_t block_cols = std::min(cast_.layout_.block.cols, width);
    for (std::int64_t begin = 0; begin < width; begin += block_cols) {
      const std::int64_t end = std::min(begin + block_cols, width);
      const std::int32_t amax = *std::max_element(maxima_.data() + begin, maxima_.data() + end);
      std::uint8_t* const scale = scales == nullptr ? nullptr : scales++;
      std::int32_t exponent = 0;
      if (amax == 0) {
        if (scale != nullptr) *scale = 0;
      } else {
        exponent = exponent_of(amax);
        if (amax >= kInfinityBits || exponent < cast_.lowest_fast_scale_ ||
            exponent > cast_.highest_fast_scale_) {
          slow_blocks_.push_back({begin, end, scale});
          exponent = 0;
        } else if (scale != nullptr) {
          *scale = static_cast<std::uint8_t>(exponent + kBias);
        }
      }
      std::fill(exponents_.data() + begin, exponents_.data() + end, exponent);
    }
  }

  std::int32_t exponent_of(std::int32_t amax_bits) const {
    const std::int32_t fraction = amax_bits & ((1 << kFraction) - 1);
    return (amax_bits >> kFraction) - kBias - cast_.highest_exponent_ +
           (fraction >= cast_.up_from_fraction_ ? 1 : 0);
  }

  /// Blocks with NaN or infinities, or at the ends of float32's range: by the reference.
  void cast_slowly(std::int64_t row_begin, std::int64_t row_end, std::int64_t col_begin,
                   std::int64_t col_end, std::uint8_t* scale) {
    std::vector<float> block;
    for (std::int64_t row = row_begin; row < row_end; ++row) {
      const float* const start = in_.data() + row * cols_;
      block.insert(block.end(), start + col_begin, start + col_end);
    }
    const QuantizedMatrix matrix = quantize(block, row_end - row_begin, col_end - col_begin,
                                            cast_.layout_, {.rounding = cast_.format_.rounding});
    if (scale != nullptr) *scale = static_cast<std::uint8_t>(matrix.scales.front());
    for (std::int64_t row = row_begin; row < row_end; ++row) {
      for (std::int64_t col = col_begin; col < col_end; ++col) {
        const auto at = static_cast<std::size_t>(row * cols_ + col);
        if (!values_.empty()) values_[at] = matrix.value(row - row_begin, col - col_begin);
        if (!codes_.empty()) {
          codes_[at] = static_cast<std::uint8_t>(matrix.code(row - row_begin, col - col_begin));
        }
      }
    }
  }

  const FastCast& cast_;
  std::span<const float> in_;
  std::int64_t cols_;
  std::span<float> values_;
  std::span<std::uint8_t> codes_;
  std::vector<std::int32_t> maxima_;
  std::vector<std::int32_t> exponents_;
  std::vector<float> unused_;  ///< a row of values that nobody wants
  std::vector<SlowBlock> slow_blocks_;
};

void FastCast::run(std::span<const float> in, std::int64_t rows, std::int64_t cols,
                   std::span<float> values, std::span<std::uint8_t> codes,
                   std::span<std::uint8_t> scales) const {
  const auto count = static_cast<std::size_t>(exact_mul(rows, cols));
  ensure(in.size() == count && (values.empty() || values.size() == count) &&
             (codes.empty() || codes.size() == count),
         "FastCast: one value and code an element");
  if (count == 0) return;
  const std::int64_t height = std::min(layout_.block.rows, rows);
  const std::int64_t block_cols = std::min(layout_.block.cols, cols);
  const std::int64_t width = block_cols * std::max<std::int64_t>(1, kColumnsAtOnce / block_cols);
  const std::int64_t grid_cols = ceil_div(cols, block_cols);
  FastCastBand band(*this, in, cols, values, codes);
  for (std::int64_t row = 0; row < rows; row += height) {
    for (std::int64_t col = 0; col < cols; col += width) {
      const std::int64_t first_block = row / height * grid_cols + col / block_cols;
      band.run(row, std::min(row + height, rows), col, std::min(col + width, cols),
               scales.empty() ? nullptr : scales.data() + first_block);
    }
  }
}

}  // namespace mxsim
