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

TEST(ExactSumFault, NamesSumsOfMoreBitsThanThePesHold) {
  const FormatSpec wide = parse_format(kWidest);
  for (const Accumulator accumulator : {Accumulator::kExactBlock, Accumulator::kFixed}) {
    EXPECT_EQ(exact_sum_fault(adding(accumulator), wide, wide, 65536), "");
    EXPECT_EQ(
        exact_sum_fault(adding(accumulator), wide, wide, 262144),
        "exact sums of 262144 products of e4m9,e8m0_t0d1 and e4m9,e8m0_t0d1 have 65 bits, more "
        "than 63");
  }
}

TEST(ExactSumFault, FindsNoneWhereSumsSaturateOrRound) {
  const FormatSpec wide = parse_format(kWidest);
  const FormatSpec bf16 = parse_format("bf16");
  EXPECT_EQ(exact_sum_fault(adding(Accumulator::kFixed, 32), wide, wide, 1 << 20), "");
  EXPECT_EQ(exact_sum_fault(adding(Accumulator::kFp32), wide, wide, 1 << 20), "");
  EXPECT_EQ(exact_sum_fault(adding(Accumulator::kExactBlock), wide, bf16, 1 << 20), "");
  EXPECT_EQ(exact_sum_fault(adding(Accumulator::kExactBlock), wide, wide, 0), "");
}

TEST(ExactSumFault, CountsTheTermsOfADotProductThatIsRoundedOnce) {
  const FormatSpec wide = parse_format(kWidest);
  ArraySpec array = adding(Accumulator::kFp32);
  array.dot_product = {{24, 16}};
  EXPECT_EQ(exact_sum_fault(array, wide, wide, 1 << 20), "");
}

}  // namespace
}  // namespace mxsim
