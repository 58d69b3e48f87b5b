#include "models/formats/layout.h"

#include <gtest/gtest.h>

#include "models/formats/format_table.h"

namespace mxsim {
namespace {

std::int64_t bytes(std::string_view format, std::int64_t rows, std::int64_t cols) {
  return default_layout(parse_format(format)).bytes(rows, cols).count();
}

// OCP MX v1.0: a block of 32 takes 8 + 32 d bits.
TEST(Layout, ABlockOf32TakesThePublishedBits) {
  EXPECT_EQ(bytes("mxfp8_e4m3", 1, 32), 264 / 8);
  EXPECT_EQ(bytes("mxfp6_e3m2", 1, 32), 200 / 8);
  EXPECT_EQ(bytes("mxfp4_e2m1", 1, 32), 136 / 8);
}

// arXiv 2302.08007: MX9, MX6 and MX4 are named after their bits an element.
TEST(Layout, SharedMicroexponentsTakeTheBitsOfTheirName) {
  EXPECT_EQ(bytes("mx9", 8, 64), 8 * 64 * 9 / 8);
  EXPECT_EQ(bytes("mx6", 8, 64), 8 * 64 * 6 / 8);
  EXPECT_EQ(bytes("mx4", 8, 64), 8 * 64 * 4 / 8);
}

TEST(Layout, PartialBlocksHaveWholeScales) {
  EXPECT_EQ(bytes("mxsf", 9, 9), 81 + 4);
  EXPECT_EQ(bytes("mxint8", 3, 33), 99 + 6);
}

TEST(Layout, ScalesOfTensorsAndChannelsAreCountedOnce) {
  EXPECT_EQ(bytes("int8", 10, 10), 100 + 4);
  EXPECT_EQ(bytes("uint8", 10, 10), 100 + 5);
  EXPECT_EQ(bytes("int8,float32_t0", 10, 10), 100 + 40);
  EXPECT_EQ(bytes("nvfp4", 16, 16), 128 + 16 + 4);
  EXPECT_EQ(bytes("binary", 3, 3), 2 + 4);
}

// One 8 x 8 copy serves both orientations; 1-D blocks need one copy along each axis:
// (64 * 8 + 8) / (2 * 64 * 8.25) = 0.4924.
TEST(Layout, TilesTakeHalfOfTwoOneDimensionalCopies) {
  const auto mxfp8 = parse_format("mxfp8_e4m3");
  const double tiles = static_cast<double>(bytes("mxsf", 1024, 1024));
  const double two_copies = static_cast<double>(
      (DataLayout{mxfp8, {1, 32}}.bytes(1024, 1024) + DataLayout{mxfp8, {32, 1}}.bytes(1024, 1024))
          .count());
  EXPECT_NEAR(1 - tiles / two_copies, 0.508, 0.0005);
}

}  // namespace
}  // namespace mxsim
