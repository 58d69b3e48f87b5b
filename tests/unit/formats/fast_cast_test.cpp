#include "models/formats/fast_cast.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

struct Matrix {
  std::int64_t rows;
  std::int64_t cols;
  std::vector<float> values;
};

/// Bits of every kind: `binades` around 2^centre; zeros; with `rare`, NaN, infinities, subnormals.
Matrix random_matrix(std::int64_t rows, std::int64_t cols, int centre, int binades, bool rare) {
  const CounterRng rng(static_cast<std::uint64_t>(rows * 1000 + cols + centre), "fast cast");
  Matrix matrix{rows, cols, {}};
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    const auto k = static_cast<std::uint64_t>(4 * i);
    const double exponent = centre + (rng.uniform(k) - 0.5) * binades;
    float value = static_cast<float>(std::exp2(exponent));
    const double kind = rng.uniform(k + 1);
    if (kind < 0.05) value = 0;
    if (kind > 0.9) value = std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xfff80000);
    if (rare && kind > 0.996) value = std::numeric_limits<float>::quiet_NaN();
    if (rare && kind > 0.998) value = std::numeric_limits<float>::infinity();
    matrix.values.push_back(rng.uniform(k + 2) < 0.5 ? -value : value);
  }
  return matrix;
}

std::vector<DataLayout> supported_layouts() {
  std::vector<DataLayout> layouts;
  for (const FormatSpec& format : format_table()) {
    DataLayout layout = default_layout(format);
    if (!FastCast::supports(layout, Rounding::kNearestEven)) continue;
    for (const BlockShape block : {BlockShape{8, 8}, BlockShape{1, 32}, BlockShape{32, 1},
                                   BlockShape{3, 5}, BlockShape{kWholeAxis, kWholeAxis}}) {
      layout.block = block;
      layouts.push_back(layout);
    }
    layout.block = {8, 8};
    for (const ScaleRule rule : kScaleRules) {
      layout.format.scale_rule = rule;
      layouts.push_back(layout);
    }
  }
  return layouts;
}

void expect_equal_to_reference(const Matrix& matrix, const DataLayout& layout, Rounding rounding,
                               SimdLevel level) {
  const QuantizedMatrix expected =
      quantize(matrix.values, matrix.rows, matrix.cols, layout, {.rounding = rounding});
  const FastCast fast(layout, rounding, level);
  const std::vector<float> expected_values = dequantize(expected);
  std::vector<float> values(matrix.values.size());
  std::vector<std::uint8_t> codes(matrix.values.size());
  std::vector<std::uint8_t> scales(expected.scales.size());
  fast.run(matrix.values, matrix.rows, matrix.cols, values, codes, scales);
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(codes[i], expected.codes[i]) << i << ' ' << matrix.values[i];
    if (std::isnan(expected_values[i]) && std::isnan(values[i])) continue;
    ASSERT_EQ(std::bit_cast<std::uint32_t>(values[i]),
              std::bit_cast<std::uint32_t>(expected_values[i]))
        << i << ' ' << matrix.values[i];
  }
  EXPECT_TRUE(std::equal(scales.begin(), scales.end(), expected.scales.begin()));
  std::vector<float> values_alone(matrix.values.size());
  fast.run(matrix.values, matrix.rows, matrix.cols, values_alone);
  std::vector<std::uint8_t> codes_alone(matrix.values.size());
  fast.run(matrix.values, matrix.rows, matrix.cols, {}, codes_alone);
  EXPECT_EQ(codes_alone, codes);
  EXPECT_EQ(std::memcmp(values_alone.data(), values.data(), values.size() * sizeof(float)), 0);
}

class FastCastTest : public testing::TestWithParam<std::tuple<SimdLevel, Rounding>> {
 protected:
  static SimdLevel level() { return std::get<0>(GetParam()); }
  static Rounding rounding() { return std::get<1>(GetParam()); }
  void expect_reference_for(const std::vector<Matrix>& matrices) {
    for (const DataLayout& layout : supported_layouts()) {
      SCOPED_TRACE(layout.format.name + " " + std::to_string(layout.block.rows) + "x" +
                   std::to_string(layout.block.cols));
      for (const Matrix& matrix : matrices) {
        expect_equal_to_reference(matrix, layout, rounding(), level());
        if (HasFatalFailure()) return;
      }
    }
  }
};

TEST_P(FastCastTest, GivesTheReferencesBitsForOrdinaryValues) {
  expect_reference_for({random_matrix(19, 83, 0, 4, false), random_matrix(16, 64, -3, 30, false)});
}

TEST_P(FastCastTest, GivesTheReferencesBitsForNanInfinityAndZeroBlocks) {
  expect_reference_for({random_matrix(17, 70, 1, 12, true), {5, 9, std::vector<float>(45, -0.0f)}});
}

TEST_P(FastCastTest, GivesTheReferencesBitsAtTheEndsOfFloat32) {
  expect_reference_for({random_matrix(9, 40, 122, 11, false), random_matrix(9, 40, -135, 26, false),
                        random_matrix(9, 40, -112, 30, false)});
}

TEST_P(FastCastTest, GivesTheReferencesBitsAcrossChunksOfColumns) {
  const DataLayout layout = default_layout(parse_format("mxsf"));
  expect_equal_to_reference(random_matrix(9, 4100, 0, 6, false), layout, rounding(), level());
}

INSTANTIATE_TEST_SUITE_P(
    Levels, FastCastTest,
    testing::Combine(testing::ValuesIn(available_simd_levels()),
                     testing::Values(Rounding::kNearestEven, Rounding::kNearestAway,
                                     Rounding::kNearestTowardZero, Rounding::kTowardZero)),
    [](const auto& info) {
      return std::string(to_string(std::get<0>(info.param))) + "_" +
             std::string(to_string(std::get<1>(info.param)));
    });

TEST(FastCast, SupportsTheBlockFormatsOfTheTable) {
  for (const char* name : {"mxsf", "mxfp8_e4m3", "mxfp8_e5m2", "mxfp8_e2m5", "mxfp6_e3m2",
                           "mxfp6_e2m3", "mxfp4_e2m1", "mxint8", "mxint3"}) {
    EXPECT_TRUE(FastCast::supports(default_layout(parse_format(name)), Rounding::kNearestEven));
  }
  EXPECT_FALSE(FastCast::supports(default_layout(parse_format("bf16")), Rounding::kNearestEven));
  EXPECT_FALSE(FastCast::supports(default_layout(parse_format("mxsf")), Rounding::kStochastic));
}

}  // namespace
}  // namespace mxsim
