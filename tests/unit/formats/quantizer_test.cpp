#include "models/formats/quantizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/formats/format_table.h"

namespace mxsim {
namespace {

TEST(Quantizer, ScalesFollowTheExactExponentOfTheMaximum) {
  struct Row {
    float amax;
    std::uint32_t scale_code;
    std::uint32_t code;
  };
  constexpr Row kRows[] = {{5.3f, 127, 0x6a}, {0.0117f, 118, 0x70}, {3e38f, 252, 0x78},
                           {1e-40f, 0, 0x08}, {0.0f, 0, 0x00},      {0x1.fffffep-1f, 124, 0x7f}};
  const DataLayout layout = default_layout(parse_format("mxsf"));
  for (const Row& row : kRows) {
    const float values[] = {row.amax};
    const QuantizedMatrix matrix = quantize(values, 1, 1, layout);
    EXPECT_EQ(matrix.scales.front(), row.scale_code) << row.amax;
    EXPECT_EQ(matrix.codes.front(), row.code) << row.amax;
  }
}

TEST(Quantizer, PartialEdgeBlocksHaveScalesOfTheirOwn) {
  DataLayout layout = default_layout(parse_format("mxint8"));
  layout.block = {2, 2};
  const float values[] = {1,  2, 4,   //
                          8,  1, 16,  //
                          32, 1, 64};
  const QuantizedMatrix matrix = quantize(values, 3, 3, layout);
  ASSERT_EQ(matrix.scales.size(), 4u);
  EXPECT_EQ(matrix.scale_exponent(0, 0), 3);
  EXPECT_EQ(matrix.scale_exponent(1, 2), 4);
  EXPECT_EQ(matrix.scale_exponent(2, 1), 5);
  EXPECT_EQ(matrix.scale_exponent(2, 2), 6);
  EXPECT_EQ(matrix.value(2, 2), 64.0f);
}

TEST(Quantizer, ANanOrAnInfinityPoisonsItsBlockAlone) {
  DataLayout layout = default_layout(parse_format("mxsf"));
  layout.block = {1, 2};
  const float values[] = {1, NAN, 3, 4, INFINITY, 6};
  const QuantizedMatrix matrix = quantize(values, 1, 6, layout);
  EXPECT_TRUE(matrix.is_nan_block(0, 0));
  EXPECT_FALSE(matrix.is_nan_block(0, 2));
  EXPECT_TRUE(std::isnan(matrix.value(0, 5)));
  EXPECT_EQ(matrix.scales, (std::vector<std::uint32_t>{255, 127, 255}));
  EXPECT_EQ(matrix.code(0, 0), 0u);
}

}  // namespace
}  // namespace mxsim
