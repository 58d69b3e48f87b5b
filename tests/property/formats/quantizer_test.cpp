#include "models/formats/quantizer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

struct Matrix {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<float> values;

  float at(std::int64_t row, std::int64_t col) const {
    return values[static_cast<std::size_t>(row * cols + col)];
  }
};

/// Any shape, values over 1 to 40 binades, some of them zero.
Matrix any_matrix() {
  Matrix matrix{*rc::gen::inRange<std::int64_t>(1, 20), *rc::gen::inRange<std::int64_t>(1, 40), {}};
  const auto binades = *rc::gen::inRange(1, 40);
  const CounterRng rng(*rc::gen::arbitrary<std::uint32_t>(), "any matrix");
  for (std::int64_t i = 0; i < matrix.rows * matrix.cols; ++i) {
    const auto k = static_cast<std::uint64_t>(3 * i);
    const double magnitude = std::exp2(rng.uniform(k) * binades - binades / 2.0);
    const double sign = rng.uniform(k + 1) < 0.5 ? -1 : 1;
    matrix.values.push_back(rng.uniform(k + 2) < 0.05 ? 0.0f
                                                      : static_cast<float>(sign * magnitude));
  }
  return matrix;
}

Matrix transposed(const Matrix& matrix) {
  Matrix result{matrix.cols, matrix.rows, {}};
  for (std::int64_t row = 0; row < result.rows; ++row) {
    for (std::int64_t col = 0; col < result.cols; ++col) {
      result.values.push_back(matrix.at(col, row));
    }
  }
  return result;
}

BlockShape transposed(const BlockShape& shape) { return {shape.cols, shape.rows}; }

DataLayout transposed(DataLayout layout) {
  layout.block = transposed(layout.block);
  if (layout.format.offsets) {
    layout.format.offsets->shape = transposed(layout.format.offsets->shape);
  }
  return layout;
}

/// A row of the table in its own block, or in another where nothing fixes it.
DataLayout any_layout() {
  DataLayout layout = default_layout(*rc::gen::elementOf(format_table()));
  if (layout.format.scale && !layout.format.offsets) {
    layout.block = *rc::gen::element(layout.block, BlockShape{8, 8}, BlockShape{1, 32},
                                     BlockShape{16, 4}, BlockShape{32, 1});
  }
  return layout;
}

DataLayout any_power_of_two_layout() {
  return *rc::gen::suchThat(rc::gen::exec(any_layout), [](const DataLayout& layout) {
    return layout.format.scale && layout.format.scale->is_power_of_two();
  });
}

QuantizedMatrix quantized(const Matrix& matrix, const DataLayout& layout) {
  return quantize(matrix.values, matrix.rows, matrix.cols, layout);
}

RC_GTEST_PROP(QuantizerLaw, TransposeOfQuantizedIsQuantizedTranspose, ()) {
  const Matrix matrix = any_matrix();
  const DataLayout layout = any_layout();
  // Means of a block depend on the order of additions in the last bit.
  RC_PRE(layout.format.scale_statistic == ScaleStatistic::kMaximum);
  const QuantizedMatrix straight = quantized(matrix, layout);
  const QuantizedMatrix other = quantized(transposed(matrix), transposed(layout));
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    for (std::int64_t col = 0; col < matrix.cols; ++col) {
      RC_ASSERT(straight.code(row, col) == other.code(col, row));
      RC_ASSERT(straight.value(row, col) == other.value(col, row));
    }
  }
}

RC_GTEST_PROP(QuantizerLaw, ScalingByAPowerOfTwoCommutes, ()) {
  const Matrix matrix = any_matrix();
  const DataLayout layout = any_power_of_two_layout();
  const int exponent = *rc::gen::inRange(-40, 40);
  Matrix scaled = matrix;
  for (float& value : scaled.values) value = std::ldexp(value, exponent);
  const QuantizedMatrix plain = quantized(matrix, layout);
  const QuantizedMatrix shifted = quantized(scaled, layout);
  RC_ASSERT(plain.codes == shifted.codes);
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    for (std::int64_t col = 0; col < matrix.cols; ++col) {
      RC_ASSERT(std::ldexp(plain.value(row, col), exponent) == shifted.value(row, col));
    }
  }
}

RC_GTEST_PROP(QuantizerLaw, QuantizingTwiceIsQuantizingOnce, ()) {
  const Matrix matrix = any_matrix();
  DataLayout layout = any_layout();
  RC_PRE(!layout.format.scale || layout.format.scale->is_power_of_two());
  const QuantizedMatrix once = quantized(matrix, layout);
  const Matrix rounded{matrix.rows, matrix.cols, dequantize(once)};
  const QuantizedMatrix twice = quantized(rounded, layout);
  RC_ASSERT(once.codes == twice.codes);
  RC_ASSERT(dequantize(twice) == rounded.values);
}

RC_GTEST_PROP(QuantizerLaw, ErrorsStayWithinHalfAStepUnlessSaturated, ()) {
  const Matrix matrix = any_matrix();
  const DataLayout layout = any_power_of_two_layout();
  RC_PRE(layout.format.element.binades.front().end == RangeEnd::kCarry);
  const QuantizedMatrix result = quantized(matrix, layout);
  const ElementCodec& codec = result.element_codec();
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    for (std::int64_t col = 0; col < matrix.cols; ++col) {
      const std::uint32_t code = codec.magnitude_code(result.code(row, col));
      if (code == codec.spec().largest_code) continue;
      // Steps differ below and above a binade; in MXSF the step below 1 is the larger one.
      const bool is_above = std::fabs(matrix.at(row, col)) > std::fabs(result.value(row, col));
      const std::uint32_t lower = is_above || code == 0 ? code : code - 1;
      const double step = codec.magnitude(lower + 1) - codec.magnitude(lower);
      const double error = std::fabs(result.value(row, col) - matrix.at(row, col));
      RC_ASSERT(error <= step / 2 * result.scale_value(row, col));
    }
  }
}

RC_GTEST_PROP(QuantizerLaw, CeilingScalesNeverSaturate, ()) {
  const Matrix matrix = any_matrix();
  DataLayout layout = any_power_of_two_layout();
  RC_PRE(!layout.format.offsets);
  layout.format.scale_rule = ScaleRule::kCeil;
  const QuantizedMatrix result = quantized(matrix, layout);
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    for (std::int64_t col = 0; col < matrix.cols; ++col) {
      RC_ASSERT(std::fabs(matrix.at(row, col)) <=
                layout.format.element.largest() * result.scale_value(row, col));
    }
  }
}

// 5 deviations of the mean of n Bernoulli trials, plus the 2^-16 of a step that truncation costs.
RC_GTEST_PROP(QuantizerLaw, StochasticRoundingIsUnbiased, ()) {
  const auto layout = default_layout(parse_format("mxsf"));
  const int fraction = *rc::gen::inRange(0, 1 << 20);
  const double value = 1 + fraction * 0x1p-25;  // within [1, 1 + 1/32), one step
  constexpr int kDraws = 20000;
  const ElementCodec codec(layout.format.element);
  const CounterRng words(*rc::gen::arbitrary<std::uint32_t>(), "words");
  double sum = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    const auto word = static_cast<std::uint16_t>(words.bits(i));
    sum += codec.decode(codec.encode(value, Rounding::kStochastic, word));
  }
  const double p = fraction * 0x1p-20;
  const double bound = 0x1p-5 * (5 * std::sqrt(p * (1 - p) / kDraws) + 0x1p-16 + 1e-3);
  RC_ASSERT(std::fabs(sum / kDraws - value) <= bound);
}

}  // namespace
}  // namespace mxsim
