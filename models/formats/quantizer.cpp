#include "models/formats/quantizer.h"

#include <algorithm>
#include <cmath>

#include "models/core/error.h"
#include "models/core/shape.h"
#include "models/formats/hadamard.h"
#include "models/formats/random_words.h"
#include "models/formats/region.h"
#include "models/formats/scale_rule.h"

namespace mxsim {
namespace {

class Encoder {
 public:
  Encoder(std::span<const float> values, const QuantizeOptions& options, QuantizedMatrix& result)
      : values_(values),
        rounding_(rounding_in(result.layout().format, options.rounding)),
        given_words_(options.random),
        drawn_words_(options.seed),
        result_(result),
        format_(result.layout().format),
        whole_{0, result.rows(), 0, result.cols()} {}

  void run() {
    if (result_.codes.empty()) return;
    if (!format_.scale) return encode_elements(whole_, 0);
    if (format_.tensor_scale) choose_tensor_scale();
    whole_.for_each_piece(result_.layout().block, [&](const Region& block) { encode(block); });
  }

 private:
  void encode(const Region& block) {
    const RegionStatistics statistics = statistics_of(block, values_, result_.cols());
    std::uint32_t& scale = result_.scales[result_.block_index(block.row_begin, block.col_begin)];
    if (!statistics.all_finite && format_.nan_policy == NanPolicy::kPoisonBlock) {
      scale = result_.scale_codec().nan_code();
      return;
    }
    if (format_.scale->is_power_of_two()) {
      const int exponent = block_exponent(statistics.amax);
      scale = result_.scale_codec().encode(std::ldexp(1.0, exponent));
      if (format_.offsets) choose_offsets(block, exponent);
    } else {
      scale = std::min(result_.scale_codec().encode(ideal_scale(statistics)),
                       result_.scale_codec().spec().largest_code);
    }
    const std::uint32_t zero_point = format_.zero_point ? choose_zero_point(block, statistics) : 0;
    if (!format_.offsets) return encode_elements(block, zero_point);
    block.for_each_piece(format_.offsets->shape,
                         [&](const Region& piece) { encode_elements(piece, zero_point); });
  }

  /// All elements of the region have one scale.
  void encode_elements(const Region& region, std::uint32_t zero_point) {
    const ElementCodec& codec = result_.element_codec();
    const double scale = result_.scale_value(region.row_begin, region.col_begin);
    region.for_each(result_.cols(), [&](std::size_t i) {
      double scaled = divide(values_[i], scale);
      if (zero_point != 0) scaled += zero_point;
      result_.codes[i] = codec.encode(scaled, rounding_, random_word(i));
    });
  }

  std::uint16_t random_word(std::size_t element) const {
    if (rounding_ != Rounding::kStochastic) return 0;
    return given_words_.empty() ? drawn_words_[element] : given_words_[element];
  }

  /// A zero scale (all elements zero, or below the smallest scale) leaves signed zeros.
  static double divide(double value, double scale) {
    return scale == 0 ? std::copysign(0.0, value) : value / scale;
  }

  int block_exponent(double amax) const {
    const NumberSpec& scale = result_.scale_codec().spec();
    if (amax == 0) return scale.lowest_exponent();
    return std::clamp(scale_exponent(amax, result_.element_codec(), format_.scale_rule),
                      scale.lowest_exponent(), scale.highest_exponent());
  }

  void choose_offsets(const Region& block, int exponent) {
    const int largest_offset = (1 << format_.offsets->bits) - 1;
    block.for_each_piece(format_.offsets->shape, [&](const Region& piece) {
      const double amax = statistics_of(piece, values_, result_.cols()).amax;
      const int own = amax == 0 ? exponent - largest_offset
                                : scale_exponent(amax, result_.element_codec(), format_.scale_rule);
      result_.offsets[result_.offset_index(piece.row_begin, piece.col_begin)] =
          static_cast<std::uint8_t>(std::clamp(exponent - own, 0, largest_offset));
    });
  }

  double ideal_scale(const RegionStatistics& statistics) const {
    const double largest = format_.element.largest();
    const double span = format_.zero_point ? statistics.maximum - statistics.minimum
                        : format_.scale_statistic == ScaleStatistic::kMean
                            ? statistics.mean_magnitude
                            : statistics.amax;
    return result_.tensor_scale == 0 ? 0 : span / largest / result_.tensor_scale;
  }

  /// The integer that real zero becomes, so that [minimum, maximum] fills the codes.
  std::uint32_t choose_zero_point(const Region& block, const RegionStatistics& statistics) {
    const double scale = result_.scale_value(block.row_begin, block.col_begin);
    const ElementCodec integers(*format_.zero_point);
    const std::uint32_t zero_point = integers.encode(divide(-statistics.minimum, scale));
    result_.zero_points[result_.block_index(block.row_begin, block.col_begin)] = zero_point;
    return zero_point;
  }

  /// Largest finite magnitude = largest element * largest block scale * tensor scale.
  void choose_tensor_scale() {
    const ElementCodec numbers(*format_.tensor_scale);
    const double amax = statistics_of(whole_, values_, result_.cols()).amax;
    const double ideal = amax / format_.element.largest() / format_.scale->largest();
    result_.tensor_scale = numbers.decode(numbers.encode(ideal));
  }

  std::span<const float> values_;
  Rounding rounding_;
  std::span<const std::uint16_t> given_words_;
  RandomWords drawn_words_;
  QuantizedMatrix& result_;
  const FormatSpec& format_;
  Region whole_;
};

}  // namespace

QuantizedMatrix quantize(std::span<const float> values, std::int64_t rows, std::int64_t cols,
                         const DataLayout& layout, const QuantizeOptions& options) {
  ensure(static_cast<std::int64_t>(values.size()) == exact_mul(rows, cols),
         "quantize: one value an element");
  ensure(options.random.empty() || options.random.size() == values.size(),
         "quantize: one random word an element");
  QuantizedMatrix result(layout, rows, cols);
  if (layout.format.hadamard == 0) {
    Encoder(values, options, result).run();
    return result;
  }
  std::vector<float> transformed(values.begin(), values.end());
  transform_hadamard(transformed, rows, cols, layout.block, layout.format.hadamard);
  Encoder(transformed, options, result).run();
  return result;
}

}  // namespace mxsim
