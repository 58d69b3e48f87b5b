// Formats whose scale is not one power of two a block, worked out by hand.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

using testing::Each;
using testing::ElementsAre;

QuantizedMatrix row_in(std::string_view format, const std::vector<float>& values) {
  return quantize(values, 1, static_cast<std::int64_t>(values.size()),
                  default_layout(parse_format(format)));
}

TEST(SymmetricInteger, MapsTheLargestMagnitudeToTheLargestCode) {
  const QuantizedMatrix matrix = row_in("int8", {-254, 127, 3, 0});
  EXPECT_EQ(matrix.scale_value(0, 0), 2);
  EXPECT_THAT(matrix.codes, ElementsAre(0x81, 64, 2, 0));  // 63.5 and 1.5 are ties: to even
  EXPECT_THAT(dequantize(matrix), ElementsAre(-254, 128, 4, 0));
}

// [-1, 4] over 255 steps of 5/255; zero lies at step 51.
TEST(AffineInteger, FillsItsCodesFromTheMinimumToTheMaximum) {
  const QuantizedMatrix matrix = row_in("uint8", {-1, 4, 0, 2});
  EXPECT_THAT(matrix.zero_points, ElementsAre(51));
  EXPECT_THAT(matrix.codes, ElementsAre(0, 255, 51, 153));
  EXPECT_EQ(matrix.value(0, 2), 0);
  EXPECT_NEAR(matrix.value(0, 3), 2, 1e-6);
}

TEST(AffineInteger, OfPositiveValuesStillHoldsZero) {
  const QuantizedMatrix matrix = row_in("uint4", {15, 7, 1, 0});
  EXPECT_THAT(matrix.zero_points, ElementsAre(0));
  EXPECT_THAT(matrix.codes, ElementsAre(15, 7, 1, 0));
}

TEST(Binary, KeepsSignsAndTheMeanMagnitude) {
  const QuantizedMatrix matrix = row_in("binary", {1, -2, 3, 0});
  EXPECT_EQ(matrix.scale_value(0, 0), 1.5);
  EXPECT_THAT(matrix.codes, ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(dequantize(matrix), ElementsAre(1.5f, -1.5f, 1.5f, 1.5f));
}

TEST(Binary, HasTheMeanMagnitudeOfEachChannelAsItsScaleWhereTheNameSaysSo) {
  const FormatSpec format = parse_format("binary,float32_t0");
  const QuantizedMatrix columns =
      quantize(std::vector<float>{1, -8, -3, 4}, 2, 2, {format, {kWholeAxis, 1}});
  EXPECT_THAT(dequantize(columns), ElementsAre(2, -6, -2, 6));
  EXPECT_THAT(dequantize(row_in("binary,float32_t2", {1, -3, 10, 20})), ElementsAre(2, -2, 15, 15));
}

TEST(Ternary, RoundsInUnitsOfTheMeanMagnitude) {
  const QuantizedMatrix matrix = row_in("ternary", {4, -4, 0.5f, -1.5f});  // mean 2.5
  EXPECT_THAT(dequantize(matrix), ElementsAre(2.5f, -2.5f, 0, -2.5f));
}

// amax 24 overall: tensor scale 24 / (6 * 448). The first block's scale is 448 of it, the second's
// amax 1.5 wants 28, which E4M3 has.
TEST(Nvfp4, ScalesBlocksInE4m3UnderOneTensorScale) {
  std::vector<float> values(32, 0.0f);
  values[0] = 24;
  values[1] = -12;
  values[16] = 1.5f;
  values[17] = 0.375f;
  const QuantizedMatrix matrix = row_in("nvfp4", values);
  EXPECT_FLOAT_EQ(static_cast<float>(matrix.tensor_scale), 24.0f / 2688);
  EXPECT_EQ(matrix.scale_codec().decode(matrix.scales[0]), 448);
  EXPECT_EQ(matrix.scale_codec().decode(matrix.scales[1]), 28);
  EXPECT_EQ(matrix.code(0, 0), 0x7u);   // 6
  EXPECT_EQ(matrix.code(0, 1), 0xdu);   // -3
  EXPECT_EQ(matrix.code(0, 16), 0x7u);  // 6
  EXPECT_EQ(matrix.code(0, 17), 0x3u);  // 1.5
  EXPECT_FLOAT_EQ(matrix.value(0, 1), -12);
}

// Block maximum 1.5: exponent 0. The second pair lies in [1/2, 1): one offset finer; the third in
// [1/4, 1/2): two would be exact, one is what a bit can say.
TEST(SharedMicroexponents, GiveSmallPairsOneMoreBit) {
  const QuantizedMatrix matrix = row_in("mx4", {1.5f, 0.5f, 0.75f, -0.5f, 0.25f, 0});
  EXPECT_THAT(matrix.offsets, ElementsAre(0, 1, 1));
  EXPECT_THAT(dequantize(matrix), ElementsAre(1.5f, 0.5f, 0.75f, -0.5f, 0.25f, 0));
  EXPECT_EQ(matrix.scale_exponent(0, 2), -1);
}

TEST(ZeroBlocks, StayZeroInEveryFormatThatHasZero) {
  for (const FormatSpec& format : format_table()) {
    const std::vector<float> zeros(64, 0.0f);
    const QuantizedMatrix matrix = quantize(zeros, 8, 8, default_layout(format));
    EXPECT_THAT(dequantize(matrix), Each(0.0f)) << format.name;
  }
}

// E4M3 0x7e and FLT_MAX were the scales of such blocks.
TEST(ZeroBlocks, UnderAFloatingPointScaleHaveScaleZeroAndKeepTheirSigns) {
  for (const char* name : {"nvfp4", "int8", "ternary", "uint8", "e4m3fn,float32_t16"}) {
    std::vector<float> values(64, 0.0f);
    for (int i = 1; i < 16; ++i) values[static_cast<std::size_t>(i)] = static_cast<float>(i);
    DataLayout layout = default_layout(parse_format(name));
    layout.block = {1, 16};
    const QuantizedMatrix matrix = quantize(values, 1, 64, layout);
    EXPECT_NE(matrix.scales[0], 0u) << name;
    EXPECT_EQ(matrix.scales[1], 0u) << name;
    EXPECT_EQ(matrix.code(0, 16), 0u) << name;
    EXPECT_FALSE(std::signbit(matrix.value(0, 16))) << name;
  }
  const QuantizedMatrix signs = row_in("nvfp4", {0.0f, -0.0f});
  EXPECT_EQ(signs.scales[0], 0u);
  EXPECT_FALSE(std::signbit(signs.value(0, 0)));
  EXPECT_TRUE(std::signbit(signs.value(0, 1)));
}

// 1.9999 rounds past the largest value of its binade.
TEST(WideElements, UnderABlockScaleSaturate) {
  for (const char* name :
       {"e5m10,e8m0_t32", "e4m7,e8m0_t32", "e3m6,e8m0_t32", "e5m3fn,e8m0_t32", "e4m4fn,e8m0_t32"}) {
    const QuantizedMatrix matrix = row_in(name, {1.9999f, -1.9999f, 1});
    const double largest = matrix.element_codec().spec().largest() * matrix.scale_value(0, 0);
    EXPECT_EQ(matrix.value(0, 0), largest) << name;
    EXPECT_EQ(matrix.value(0, 1), -largest) << name;
    EXPECT_EQ(matrix.value(0, 2), 1) << name;
  }
  // E4M3 rounds the scale down: the maximum lies beyond the largest element value.
  EXPECT_TRUE(std::isfinite(row_in("e5m10,e4m3fn_t32", {70000}).value(0, 0)));
}

TEST(OverflowMode, InfinityGivesInfinityOrNan) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(dequantize(row_in("mxfp8_e5m2:overflow=infinity", {1.9999f, -1.9999f, 1.75f})),
              ElementsAre(infinity, -infinity, 1.75f));
  EXPECT_TRUE(std::isnan(row_in("mxfp8_e4m3:overflow=infinity", {1.9f, 1}).value(0, 0)));
  EXPECT_TRUE(std::isnan(row_in("fp8_e4m3:overflow=infinity", {465}).value(0, 0)));
  EXPECT_EQ(row_in("fp8_e4m3:overflow=infinity", {464}).value(0, 0), 448);
  EXPECT_EQ(row_in("fp8_e4m3", {-infinity}).value(0, 0), -448);
  EXPECT_EQ(row_in("fp16:overflow=saturate", {1e6f}).value(0, 0), 65504);
}

// E4M3's smallest normal number is 2^-6, its subnormal step 2^-9.
TEST(Subnormals, AreFlushedAfterRounding) {
  const QuantizedMatrix matrix =
      row_in("fp8_e4m3:subnormals=flush", {0x1p-6f, 0x1.dp-7f, 0x1.ep-7f, -0x1p-7f});
  EXPECT_THAT(matrix.codes, ElementsAre(0x08, 0x00, 0x08, 0x80));  // 15/16: a tie, to even
  EXPECT_THAT(dequantize(matrix), ElementsAre(0x1p-6f, 0.0f, 0x1p-6f, -0.0f));
  EXPECT_EQ(matrix.element_codec().decode(0x07), 0);
  EXPECT_EQ(matrix.element_codec().spec().smallest_nonzero(), 0x1p-6);
}

TEST(NanPolicy, SaturatingAnInfiniteBlockGivesTheLargestElementUnderTheSmallestScale) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_THAT(dequantize(row_in("mxsf:nan=saturate", {infinity, -infinity})),
              ElementsAre(7.875f * 0x1p-127f, -7.875f * 0x1p-127f));
  EXPECT_THAT(dequantize(row_in("nvfp4:nan=saturate", {infinity, -infinity})),
              ElementsAre(0.0f, -0.0f));
}

TEST(NanPolicy, SaturatingKeepsTheFiniteElements) {
  DataLayout layout = default_layout(parse_format("mxsf"));
  layout.format.nan_policy = NanPolicy::kSaturate;
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values{4, -infinity, std::numeric_limits<float>::quiet_NaN(), 1};
  EXPECT_THAT(dequantize(quantize(values, 1, 4, layout)), ElementsAre(4, -7.875f, 0, 1));
}

}  // namespace
}  // namespace mxsim
