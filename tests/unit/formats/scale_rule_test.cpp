#include "models/formats/scale_rule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "models/core/error.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

struct Row {
  std::string_view format;
  double amax;  ///< in the binade [2^emax, 2^(emax + 1)): floor gives exponent 0
  int up, ceil, midmax, midmax_step, even;
};

// E4M3: largest 448, the next step would be 480 (NaN), then 512. Rounding past 448 starts above
// 464, half a step; the midpoint to 512 is 480; 496 rounds to 512 at three mantissa bits (a tie, to
// even). MXSF: largest 7.875, next 8, both midpoints 7.9375, where the tie goes to the even code of
// 8. E5M2: largest 57344, next 65536, without a NaN between them: one midpoint, 61440.
TEST(ScaleRule, GoesUpFromThePointThatItsDefinitionNames) {
  constexpr Row kRows[] = {
      {"mxfp8_e4m3", 256, 0, 0, 0, 0, 0},     {"mxfp8_e4m3", 448, 0, 0, 0, 0, 0},
      {"mxfp8_e4m3", 448.001, 0, 1, 0, 0, 0}, {"mxfp8_e4m3", 464, 0, 1, 0, 0, 0},
      {"mxfp8_e4m3", 464.001, 1, 1, 0, 1, 0}, {"mxfp8_e4m3", 479.999, 1, 1, 0, 1, 0},
      {"mxfp8_e4m3", 480, 1, 1, 1, 1, 0},     {"mxfp8_e4m3", 496, 1, 1, 1, 1, 1},
      {"mxsf", 7.875, 0, 0, 0, 0, 0},         {"mxsf", 7.9, 0, 1, 0, 0, 0},
      {"mxsf", 7.9375, 1, 1, 1, 0, 1},        {"mxsf", 7.99, 1, 1, 1, 1, 1},
      {"mxfp8_e5m2", 61439, 0, 1, 0, 0, 0},   {"mxfp8_e5m2", 61441, 1, 1, 1, 1, 1}};
  for (const Row& row : kRows) {
    const ElementCodec codec(parse_format(row.format).element);
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kFloor), 0) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kUp), row.up) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kCeil), row.ceil) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kMidmax), row.midmax) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kMidmaxStep), row.midmax_step) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kEven), row.even) << row.amax;
  }
}

TEST(ScaleRule, IsExactBelowPowersOfTwo) {
  const ElementCodec codec(parse_format("mxint8").element);
  EXPECT_EQ(scale_exponent(std::nextafter(8.0, 0.0), codec, ScaleRule::kFloor), 2);
  EXPECT_EQ(scale_exponent(0x1p-149, codec, ScaleRule::kFloor), -149);
}

TEST(ScaleRule, EveryNameIsReadAndAnUnknownOneIsRefused) {
  for (const ScaleRule rule : kScaleRules) EXPECT_EQ(parse_scale_rule(to_string(rule)), rule);
  EXPECT_THROW(parse_scale_rule("round"), InputError);
}

constexpr Rounding kRoundings[] = {Rounding::kNearestEven, Rounding::kNearestAway,
                                   Rounding::kNearestTowardZero, Rounding::kTowardZero};

/// Values about the largest element value and the thresholds of all rules, beside small ones.
std::vector<float> block_with_maximum(double maximum, const NumberSpec& element) {
  const auto top = static_cast<float>(maximum);
  return {top, -top / 3, top / 7, static_cast<float>(element.smallest_nonzero()), 0, top * 0x1p-6f};
}

void expect_idempotent(const DataLayout& layout, const std::vector<float>& values,
                       Rounding rounding) {
  const auto cols = static_cast<std::int64_t>(values.size());
  const auto once = dequantize(quantize(values, 1, cols, layout, {.rounding = rounding}));
  const auto twice = dequantize(quantize(once, 1, cols, layout, {.rounding = rounding}));
  EXPECT_EQ(once, twice) << layout.format.name << ' ' << to_string(layout.format.scale_rule) << ' '
                         << to_string(rounding) << ' ' << values.front();
}

TEST(ScaleRule, ASecondQuantizationChangesNothing) {
  for (const FormatSpec& format : format_table()) {
    if (!format.scale || !format.scale->is_power_of_two() || format.offsets) continue;
    DataLayout layout = default_layout(format);
    const double largest = format.element.largest();
    const double power = std::exp2(format.element.highest_exponent() + 1);
    for (const ScaleRule rule : kScaleRules) {
      layout.format.scale_rule = rule;
      for (int i = 0; i <= 64; ++i) {
        const auto values =
            block_with_maximum(largest + (power - largest) * i / 64, format.element);
        for (const Rounding rounding : kRoundings) {
          // The rule's own rounding is to nearest even.
          if (rule == ScaleRule::kEven && rounding != Rounding::kNearestEven) continue;
          expect_idempotent(layout, values, rounding);
        }
      }
    }
  }
}

}  // namespace
}  // namespace mxsim
