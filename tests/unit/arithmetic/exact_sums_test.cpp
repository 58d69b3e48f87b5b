#include "models/arithmetic/exact_sums.h"

#include <gtest/gtest.h>

#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

/// Magnitudes of 23 bits: an exact sum of n products has 46 + log2 n bits and a sign.
const char* const kWidest = "e4m9,e8m0_t0d1";

ArraySpec adding(Accumulator accumulator, std::int64_t bits = 0) {
  ArraySpec array;
  array.accumulator = accumulator;
  array.accumulator_bits = bits;
  return array;
}

SumFormat sum(const ArraySpec& array, const char* a, const char* b) {
  return sum_of(array, parse_format(a), parse_format(b));
}

std::string fault(const ArraySpec& array, const char* a, const char* b, std::int64_t terms = 32) {
  return sum_fault(array, parse_format(a), parse_format(b), terms);
}

TEST(SumOf, IntegersAreSummedInThirtyTwoBitsAndOthersAsTheArraySays) {
  constexpr SumFormat kInt32{Accumulator::kFixed, 32, 0};
  for (const auto accumulator :
       {Accumulator::kFp32, Accumulator::kBf16, Accumulator::kExactBlock}) {
    const ArraySpec array = adding(accumulator);
    for (const char* format : {"int8", "int4", "uint8", "uint4", "ternary", "binary"}) {
      EXPECT_EQ(sum(array, format, format), kInt32) << format;
    }
    EXPECT_EQ(sum(array, "int8", "uint8"), kInt32);
    EXPECT_EQ(sum(array, "mxint8", "mxint8").accumulator, accumulator);
    EXPECT_EQ(sum(array, "mxsf", "mxfp4_e2m1").accumulator, accumulator);
  }
  EXPECT_EQ(sum(adding(Accumulator::kFixed, 20), "int8", "int8").bits, 20);
  EXPECT_EQ(sum(adding(Accumulator::kFp32), "int8", "bf16").accumulator, Accumulator::kFp32);
}

TEST(SumOf, FormatsWithoutBlocksHaveNoExactSums) {
  for (const auto accumulator : {Accumulator::kExactBlock, Accumulator::kFixed}) {
    for (const char* format : {"bf16", "fp8_e4m3", "fp32"}) {
      EXPECT_EQ(sum(adding(accumulator), format, format), SumFormat{}) << format;
      EXPECT_EQ(sum(adding(accumulator), format, "mxsf"), SumFormat{}) << format;
      EXPECT_EQ(fault(adding(accumulator), format, "mxsf"), "") << format;
    }
  }
  EXPECT_EQ(sum(adding(Accumulator::kBf16), "bf16", "bf16").accumulator, Accumulator::kBf16);
}

TEST(SumOf, TheFirstEntryThatHasBothFormatsDecides) {
  ArraySpec array = adding(Accumulator::kExactBlock);
  array.sums = {{{"int8", "mxfp8_e5m2"}, {Accumulator::kFp32, 0, 0}},
                {{"mxsf", "int8"}, {Accumulator::kFixed, 24, 0}}};
  EXPECT_EQ(sum(array, "int8", "int8").accumulator, Accumulator::kFp32);
  EXPECT_EQ(sum(array, "mxfp8_e5m2", "mxfp8_e5m2").accumulator, Accumulator::kFp32);
  EXPECT_EQ(sum(array, "mxsf", "mxsf").bits, 24);
  EXPECT_EQ(sum(array, "mxsf", "mxfp8_e5m2").accumulator, Accumulator::kExactBlock);
}

TEST(SumFault, NamesTheFormatWithoutAnIntegerView) {
  for (const auto& [array, sums] :
       {std::pair{adding(Accumulator::kExactBlock), "sums exact_block"},
        std::pair{adding(Accumulator::kFixed), "sums fixed, lossless"},
        std::pair{adding(Accumulator::kFixed, 24), "sums fixed, 24 bits"}}) {
    const std::string begin = sums;
    EXPECT_EQ(fault(array, "nvfp4", "nvfp4"),
              begin +
                  " of nvfp4 and nvfp4: nvfp4 has no exact integer view: a tensor scale over "
                  "its block scales");
    EXPECT_EQ(fault(array, "mxfp8_e4m3", "mxfp8_e5m2"),
              begin +
                  " of mxfp8_e4m3 and mxfp8_e5m2: mxfp8_e5m2 has no exact integer view: 32 "
                  "bits in fixed point, more than 24");
    EXPECT_EQ(fault(array, "int8", "int8"), "");
    EXPECT_EQ(fault(array, "uint8", "uint8"), "");
    EXPECT_EQ(fault(array, "mxsf", "int8"), "");
  }
  EXPECT_EQ(fault(adding(Accumulator::kFp32), "nvfp4", "mxfp8_e5m2"), "");
}

TEST(RoundsVectorsOnce, DotProductsOfFormatsWithAnIntegerViewAlone) {
  ArraySpec array = adding(Accumulator::kFp32);
  array.dot_product = {{8, 4}};
  const auto once = [&](const char* a, const char* b) {
    return rounds_vectors_once(array, parse_format(a), parse_format(b));
  };
  EXPECT_TRUE(once("mxsf", "mxfp8_e4m3"));
  EXPECT_FALSE(once("mxfp8_e5m2", "mxfp8_e4m3"));
  EXPECT_FALSE(once("bf16", "bf16"));
  EXPECT_FALSE(once("fp32", "fp32"));  // wider than every row: one product a step
  EXPECT_EQ(fault(array, "mxfp8_e5m2", "bf16"), "");
  array.accumulator = Accumulator::kExactBlock;
  EXPECT_FALSE(once("mxsf", "mxsf"));
}

TEST(SumFault, NamesSumsOfMoreBitsThanThePesHold) {
  for (const Accumulator accumulator : {Accumulator::kExactBlock, Accumulator::kFixed}) {
    EXPECT_EQ(fault(adding(accumulator), kWidest, kWidest, 65536), "");
    EXPECT_EQ(
        fault(adding(accumulator), kWidest, kWidest, 262144),
        "exact sums of 262144 products of e4m9,e8m0_t0d1 and e4m9,e8m0_t0d1 have 65 bits, more "
        "than 63");
  }
  EXPECT_EQ(fault(adding(Accumulator::kFixed, 60), "int8", "mxsf", 32),
            "exact sums of 32 products of int8 and mxsf have 60 bits, more than 54");
}

TEST(SumFault, FindsNoneWhereSumsSaturateOrRound) {
  EXPECT_EQ(fault(adding(Accumulator::kFixed, 32), kWidest, kWidest, 1 << 20), "");
  EXPECT_EQ(fault(adding(Accumulator::kFp32), kWidest, kWidest, 1 << 20), "");
  EXPECT_EQ(fault(adding(Accumulator::kExactBlock), kWidest, "bf16", 1 << 20), "");
  EXPECT_EQ(fault(adding(Accumulator::kExactBlock), kWidest, kWidest, 0), "");
}

TEST(SumFault, CountsTheTermsOfADotProductThatIsRoundedOnce) {
  ArraySpec array = adding(Accumulator::kFp32);
  array.dot_product = {{24, 16}};
  EXPECT_EQ(fault(array, kWidest, kWidest, 1 << 20), "");
}

}  // namespace
}  // namespace mxsim
