#include "models/formats/exact_dot.h"

#include <gtest/gtest.h>

#include <string_view>

#include "models/formats/format_table.h"

namespace mxsim {
namespace {

NumberSpec number(std::string_view name) { return parse_format(name).element; }

// 4032^2 * n for MXSF (4032 = 7.875 * 2^9), and so on: the largest sum and a sign.
TEST(ExactDot, WidthsHoldTheLargestSumExactly) {
  EXPECT_EQ(exact_dot_bits(number("mxsf"), number("mxsf"), 1), 25);
  EXPECT_EQ(exact_dot_bits(number("mxsf"), number("mxsf"), 8), 28);
  EXPECT_EQ(exact_dot_bits(number("mxsf"), number("mxsf"), 32), 30);
  EXPECT_EQ(exact_dot_bits(number("mxsf"), number("mxsf"), 64), 31);
  EXPECT_EQ(exact_dot_bits(number("mxfp8_e2m5"), number("mxfp8_e2m5"), 1), 17);
  EXPECT_EQ(exact_dot_bits(number("mxint8"), number("mxint8"), 32), 20);  // 127^2 * 32 < 2^19
  EXPECT_EQ(exact_dot_bits(number("binary"), number("binary"), 8), 5);    // -8..8
}

TEST(ExactDot, FixedPointWidthsAreThoseOfTheRanges) {
  EXPECT_EQ(number("mxfp8_e4m3").fixed_bits(), 18);
  EXPECT_EQ(number("mxfp8_e5m2").fixed_bits(), 32);
  EXPECT_EQ(number("mxfp8_e2m5").fixed_bits(), 8);
  EXPECT_EQ(number("mxsf").fixed_bits(), 12);
}

}  // namespace
}  // namespace mxsim
