#include "models/formats/scale_rule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/core/error.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

struct Row {
  std::string_view format;
  double amax;  ///< in the binade [2^emax, 2^(emax + 1)): floor gives exponent 0
  int up, ceil, midmax, even;
};

// E4M3: largest 448, the next step would be 480 (NaN), then 512. Rounding past 448 starts above
// 464; the midpoint to 512 is 480; 496 rounds to 512 at three mantissa bits (a tie, to even).
// MXSF: largest 7.875, next 8, both midpoints 7.9375, where the tie goes to the even code of 8.
TEST(ScaleRule, GoesUpFromThePointThatItsDefinitionNames) {
  constexpr Row kRows[] = {{"mxfp8_e4m3", 256, 0, 0, 0, 0},     {"mxfp8_e4m3", 448, 0, 0, 0, 0},
                           {"mxfp8_e4m3", 448.001, 0, 1, 0, 0}, {"mxfp8_e4m3", 464, 0, 1, 0, 0},
                           {"mxfp8_e4m3", 464.001, 1, 1, 0, 0}, {"mxfp8_e4m3", 480, 1, 1, 0, 0},
                           {"mxfp8_e4m3", 480.001, 1, 1, 1, 0}, {"mxfp8_e4m3", 496, 1, 1, 1, 1},
                           {"mxsf", 7.875, 0, 0, 0, 0},         {"mxsf", 7.9, 0, 1, 0, 0},
                           {"mxsf", 7.9375, 1, 1, 0, 1},        {"mxsf", 7.99, 1, 1, 1, 1}};
  for (const Row& row : kRows) {
    const ElementCodec codec(parse_format(row.format).element);
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kFloor), 0) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kUp), row.up) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kCeil), row.ceil) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kMidmax), row.midmax) << row.amax;
    EXPECT_EQ(scale_exponent(row.amax, codec, ScaleRule::kEven), row.even) << row.amax;
  }
}

TEST(ScaleRule, IsExactBelowPowersOfTwo) {
  const ElementCodec codec(parse_format("mxint8").element);
  EXPECT_EQ(scale_exponent(std::nextafter(8.0, 0.0), codec, ScaleRule::kFloor), 2);
  EXPECT_EQ(scale_exponent(0x1p-149, codec, ScaleRule::kFloor), -149);
}

TEST(ScaleRule, AnUnknownNameIsRefused) {
  EXPECT_EQ(parse_scale_rule("midmax"), ScaleRule::kMidmax);
  EXPECT_THROW(parse_scale_rule("round"), InputError);
}

}  // namespace
}  // namespace mxsim
