#include "models/formats/element_codec.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/formats/format_table.h"

namespace mxsim {
namespace {

struct Example {
  double value;
  std::uint32_t code;
  double decoded;
};

// The codes follow from S | EE | MMMMM by hand: EE = 3, 2, 1 hold [4,8), [2,4), [1,2) in 32 steps;
// EE = 0 holds an E3M2 of bias 8 (four steps a binade down to 2^-7, then steps of 2^-9).
TEST(ElementCodec, MxsfEncodesTheWorkedExamples) {
  constexpr Example kExamples[] = {{5.3, 0x6a, 5.25},      {-1.0, 0xa0, -1.0},
                                   {1.015625, 0x20, 1.0},  {0.97, 0x20, 1.0},
                                   {0.9375, 0x20, 1.0},    {0.93, 0x1f, 0.875},
                                   {0.5, 0x1c, 0.5},       {0.3, 0x19, 0.3125},
                                   {-0.1, 0x92, -0.09375}, {0.013, 0x07, 7 * 0x1p-9},
                                   {0x1p-8, 0x02, 0x1p-8}, {0x1.8p-9, 0x02, 0x1p-8},
                                   {0x1p-10, 0x00, 0.0},   {0x1.000002p-10, 0x01, 0x1p-9},
                                   {-0.0, 0x80, -0.0},     {7.95, 0x7f, 7.875}};
  const ElementCodec codec(parse_format("mxsf").element);
  for (const Example& example : kExamples) {
    EXPECT_EQ(codec.encode(example.value), example.code) << example.value;
    EXPECT_EQ(codec.decode(example.code), example.decoded) << example.value;
  }
}

// Largest magnitude 7.875 = 4032 * 2^-9: 13 bits with sign.
TEST(ElementCodec, MxsfElementsAreMultiplesOfTwoToTheMinusNine) {
  const NumberSpec spec = parse_format("mxsf").element;
  EXPECT_EQ(spec.lsb_exponent(), -9);
  EXPECT_EQ(spec.fixed_bits(), 12);
  EXPECT_EQ(spec.significand_bits(), 6);
  const ElementCodec codec(spec);
  EXPECT_EQ(codec.decode_fixed(0x7f), 4032);
  EXPECT_EQ(codec.decode_fixed(0xff), -4032);
  for (std::uint32_t code = 0; code < 256; ++code) {
    EXPECT_EQ(std::ldexp(static_cast<double>(codec.decode_fixed(code)), -9), codec.decode(code));
  }
}

TEST(ElementCodec, NanAndInfinityFollowTheSpecialCodes) {
  const ElementCodec bf16(parse_format("bf16").element);
  EXPECT_EQ(bf16.encode(INFINITY), 0x7f80u);
  EXPECT_EQ(bf16.encode(-INFINITY), 0xff80u);
  EXPECT_EQ(bf16.decode(0xff80), -INFINITY);
  EXPECT_EQ(bf16.encode(3.4e38), 0x7f80u);
  EXPECT_EQ(bf16.encode(3.4e38, Rounding::kTowardZero), 0x7f7fu);
  EXPECT_TRUE(std::isnan(bf16.decode(bf16.encode(NAN))));
  const ElementCodec e4m3(parse_format("fp8_e4m3").element);
  EXPECT_EQ(e4m3.encode(INFINITY), 0x7eu);
  EXPECT_EQ(e4m3.encode(NAN), 0x7fu);
  EXPECT_TRUE(std::isnan(e4m3.decode(0xff)));
}

}  // namespace
}  // namespace mxsim
