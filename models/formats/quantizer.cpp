#include "models/formats/quantizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/core/shape.h"
#include "models/formats/scale_rule.h"

namespace mxsim {
namespace {

/// Half-open rectangle of elements that share a scale.
struct Region {
  std::int64_t row_begin, row_end, col_begin, col_end;
};

class RandomWords {
 public:
  explicit RandomWords(const QuantizeOptions& options)
      : given_(options.random),
        drawn_(options.seed, "stochastic rounding"),
        used_(options.rounding == Rounding::kStochastic) {}

  std::uint16_t operator[](std::size_t element) const {
    if (!used_) return 0;
    return given_.empty() ? static_cast<std::uint16_t>(drawn_.bits(element) >> 48)
                          : given_[element];
  }

 private:
  std::span<const std::uint16_t> given_;
  CounterRng drawn_;
  bool used_;
};

class Encoder {
 public:
  Encoder(std::span<const float> values, const QuantizeOptions& options, QuantizedMatrix& result)
      : values_(values), rounding_(options.rounding), random_(options), result_(result) {}

  void run() {
    const std::int64_t height = std::min(result_.layout().block.rows, result_.rows());
    const std::int64_t width = std::min(result_.layout().block.cols, result_.cols());
    for (std::int64_t row = 0; row < result_.rows(); row += height) {
      for (std::int64_t col = 0; col < result_.cols(); col += width) {
        encode_block({row, std::min(row + height, result_.rows()), col,
                      std::min(col + width, result_.cols())});
      }
    }
  }

 private:
  template <class Visit>
  void for_each(const Region& region, Visit visit) {
    for (std::int64_t row = region.row_begin; row < region.row_end; ++row) {
      for (std::int64_t col = region.col_begin; col < region.col_end; ++col) {
        visit(static_cast<std::size_t>(row * result_.cols() + col));
      }
    }
  }

  void encode_block(const Region& region) {
    int exponent = 0;
    if (result_.layout().format.scale) {
      bool finite = true;
      double amax = 0;
      for_each(region, [&](std::size_t i) {
        finite = finite && std::isfinite(values_[i]);
        amax = std::max<double>(amax, std::fabs(values_[i]));
      });
      if (!finite) {
        result_.scales.push_back(result_.scale_codec().nan_code());
        return;
      }
      exponent = block_exponent(amax);
      result_.scales.push_back(result_.scale_codec().encode(std::ldexp(1.0, exponent)));
    }
    for_each(region, [&](std::size_t i) {
      const double scaled = std::ldexp(static_cast<double>(values_[i]), -exponent);
      result_.codes[i] = result_.element_codec().encode(scaled, rounding_, random_[i]);
    });
  }

  int block_exponent(double amax) const {
    const NumberSpec& scale = result_.scale_codec().spec();
    if (amax == 0) return scale.lowest_exponent();
    const int exponent =
        scale_exponent(amax, result_.element_codec(), result_.layout().format.scale_rule);
    return std::clamp(exponent, scale.lowest_exponent(), scale.highest_exponent());
  }

  std::span<const float> values_;
  Rounding rounding_;
  RandomWords random_;
  QuantizedMatrix& result_;
};

}  // namespace

QuantizedMatrix::QuantizedMatrix(DataLayout layout, std::int64_t rows, std::int64_t cols)
    : codes(static_cast<std::size_t>(exact_mul(rows, cols))),
      layout_(std::move(layout)),
      rows_(rows),
      cols_(cols),
      element_codec_(layout_.format.element),
      scale_codec_(layout_.format.scale.value_or(NumberSpec{})) {}

std::size_t QuantizedMatrix::block_index(std::int64_t row, std::int64_t col) const {
  return static_cast<std::size_t>(row / layout_.block.rows * block_cols() +
                                  col / layout_.block.cols);
}

int QuantizedMatrix::scale_exponent(std::int64_t row, std::int64_t col) const {
  if (!layout_.format.scale) return 0;
  return std::ilogb(scale_codec_.decode(scales[block_index(row, col)]));
}

bool QuantizedMatrix::is_nan_block(std::int64_t row, std::int64_t col) const {
  return layout_.format.scale && std::isnan(scale_codec_.decode(scales[block_index(row, col)]));
}

float QuantizedMatrix::value(std::int64_t row, std::int64_t col) const {
  const double element = element_codec_.decode(code(row, col));
  const double scale =
      layout_.format.scale ? scale_codec_.decode(scales[block_index(row, col)]) : 1.0;
  return static_cast<float>(element * scale);
}

QuantizedMatrix quantize(std::span<const float> values, std::int64_t rows, std::int64_t cols,
                         const DataLayout& layout, const QuantizeOptions& options) {
  ensure(static_cast<std::int64_t>(values.size()) == exact_mul(rows, cols),
         "quantize: one value an element");
  ensure(options.random.empty() || options.random.size() == values.size(),
         "quantize: one random word an element");
  QuantizedMatrix result(layout, rows, cols);
  Encoder(values, options, result).run();
  return result;
}

std::vector<float> dequantize(const QuantizedMatrix& matrix) {
  std::vector<float> values;
  values.reserve(matrix.codes.size());
  for (std::int64_t row = 0; row < matrix.rows(); ++row) {
    for (std::int64_t col = 0; col < matrix.cols(); ++col) values.push_back(matrix.value(row, col));
  }
  return values;
}

}  // namespace mxsim
