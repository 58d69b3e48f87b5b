#include "models/formats/format_table.h"

#include <gtest/gtest.h>

#include <set>

namespace mxsim {
namespace {

TEST(FormatTable, NamesAreUniqueAndParseToTheirRow) {
  std::set<std::string> names;
  for (const FormatSpec& format : format_table()) {
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_EQ(parse_format(format.name), format);
  }
}

TEST(FormatTable, BitsAreThoseOfTheNumbers) {
  for (const FormatSpec& format : format_table()) {
    EXPECT_EQ(format.element_bits, format.element.bits) << format.name;
    const int scale_bits =
        (format.scale ? format.scale->bits : 0) + (format.zero_point ? format.zero_point->bits : 0);
    EXPECT_EQ(format.scale_bits, scale_bits) << format.name;
  }
}

TEST(FormatTable, BinadeRangesAscendWithoutGapsAndReachTheLargestCode) {
  for (const FormatSpec& format : format_table()) {
    const auto& binades = format.element.binades;
    for (std::size_t i = 0; i < binades.size(); ++i) {
      EXPECT_LE(binades[i].lowest_exponent, binades[i].highest_exponent) << format.name;
      if (i > 0) {
        EXPECT_EQ(binades[i].lowest_exponent, binades[i - 1].highest_exponent + 1) << format.name;
      }
    }
    EXPECT_EQ(format.element.highest_exponent(), binades.back().highest_exponent) << format.name;
  }
}

TEST(FormatTable, ADefaultFormatIsFp32) { EXPECT_EQ(FormatSpec{}, parse_format("fp32")); }

struct Range {
  std::string_view name;
  double largest;
  double smallest;
};

// OCP MX v1.0, table 1; OCP OFP8 v1.0; IEEE 754; E2M5 and MXSF from their binades.
TEST(FormatTable, RangesAreThePublishedOnes) {
  constexpr Range kPublished[] = {{"mxfp8_e5m2", 57344, 0x1p-16},
                                  {"mxfp8_e4m3", 448, 0x1p-9},
                                  {"mxfp6_e3m2", 28, 0x1p-4},
                                  {"mxfp6_e2m3", 7.5, 0x1p-3},
                                  {"mxfp4_e2m1", 6, 0.5},
                                  {"mxint8", 127.0 / 64, 1.0 / 64},
                                  {"mxfp8_e2m5", 7.875, 0x1p-5},
                                  {"mxsf", 7.875, 0x1p-9},
                                  {"fp16", 65504, 0x1p-24},
                                  {"bf16", 0x1.fep127, 0x1p-133},
                                  {"fp32", 0x1.fffffep127, 0x1p-149}};
  for (const Range& row : kPublished) {
    const NumberSpec element = parse_format(row.name).element;
    EXPECT_EQ(element.largest(), row.largest) << row.name;
    EXPECT_EQ(element.smallest_nonzero(), row.smallest) << row.name;
  }
}

}  // namespace
}  // namespace mxsim
