#include "models/energy/datapath.h"

#include <gtest/gtest.h>

#include <cmath>

#include "models/arithmetic/operand_decoder.h"
#include "tests/support/technology.h"

namespace mxsim {
namespace {

TEST(OperandElement, IsNamedByTheFieldsOfTheElement) {
  const auto name = [](const char* format) { return operand_element(parse_format(format)).name; };
  EXPECT_EQ(name("bf16"), "e8m7");
  EXPECT_EQ(name("fp32"), "e8m23");
  EXPECT_EQ(name("mxfp8_e4m3"), "e4m3");
  EXPECT_EQ(name("mxfp8_e2m5"), "e2m5");
  EXPECT_EQ(name("mxint8"), "int8");
  EXPECT_EQ(name("mxsf"), "e3m2+e2m5");
}

TEST(OperandElement, EveryFormatHasAMultiplierAndExponentsOnlyIfItsBinadesDiffer) {
  for (const FormatSpec& format : format_table()) {
    const OperandElement element = operand_element(format);
    EXPECT_GT(element.significand_bits, 0) << format.name;
    EXPECT_EQ(element.bits, format.element_bits) << format.name;
    EXPECT_EQ(element.is_integer(), element.exponent_span == 0) << format.name;
  }
}

TEST(OperandElement, MxsfMultipliesSixBitSignificandsOverTenBinades) {
  const OperandElement mxsf = operand_element(parse_format("mxsf"));
  EXPECT_EQ(mxsf.significand_bits, 6);
  EXPECT_EQ(mxsf.exponent_span, 9);
  EXPECT_EQ(mxsf.exponent_bits, 4);
  EXPECT_EQ(mxsf.fixed_bits, 12);
}

std::int64_t sum_bits(const FormatSpec& format, std::int64_t terms) {
  const OperandElement element = operand_element(format);
  return exact_sum_bits(element, element, terms);
}

// arXiv 2311.12359, n = 4608.
TEST(ExactSumBits, MatchThePublishedLosslessAccumulatorWidths) {
  for (const auto& [bits, width] :
       std::vector<std::pair<int, int>>{{3, 20}, {4, 22}, {5, 24}, {6, 26}, {7, 28}, {8, 30}}) {
    EXPECT_EQ(sum_bits(full_integer(bits), 4608), width) << "int" << bits;
  }
  struct Row {
    int exponent_bits, mantissa_bits, width;
  };
  for (const Row& row : std::vector<Row>{{2, 1, 22},
                                         {2, 2, 24},
                                         {2, 3, 26},
                                         {3, 0, 28},
                                         {3, 1, 30},
                                         {3, 2, 32},
                                         {3, 3, 34},
                                         {4, 2, 48},
                                         {4, 3, 50},
                                         {5, 2, 80}}) {
    EXPECT_EQ(sum_bits(full_minifloat(row.exponent_bits, row.mantissa_bits), 4608), row.width)
        << "e" << row.exponent_bits << "m" << row.mantissa_bits;
  }
}

TEST(ExactSumBits, OverABlockOf32AreThirtyForMxsfAndTheFormulasForTheOthers) {
  EXPECT_EQ(sum_bits(parse_format("mxsf"), 32), 30);
  EXPECT_EQ(sum_bits(parse_format("mxfp8_e2m5"), 32), 22);
  EXPECT_EQ(sum_bits(full_minifloat(3, 2), 32), 24);
  EXPECT_EQ(sum_bits(parse_format("mxfp8_e4m3"), 32), 42);
}

TEST(ExactSumBits, HoldTheLargestSumOfEveryNarrowFormat) {
  for (const FormatSpec& format : format_table()) {
    if (!has_exact_view(format)) continue;
    const double units = std::ldexp(format.element.largest(), -format.element.lsb_exponent());
    EXPECT_LT(std::log2(32 * units * units), sum_bits(format, 32) - 1) << format.name;
  }
}

// 6x6 multiplier; adders 4 (8 + 2) + 2 (27 + 2) + 24 + 4 + 1 + 10; shifters 27*5 + 28*5 + 2*27;
// registers 8 + 8 + 32.
TEST(Datapath, SizesOfAnMxsfMultiplyAccumulateFollowTheClosedForm) {
  const OperandElement mxsf = operand_element(parse_format("mxsf"));
  const DatapathSize fp32 = float_datapath(mxsf, mxsf, kFp32Sum);
  EXPECT_EQ(fp32.multiplier_bits2, 36);
  EXPECT_EQ(fp32.adder_bits, 137);
  EXPECT_EQ(fp32.shifter_bit_stages, 329);
  EXPECT_EQ(fp32.flop_bits, 48);
  const DatapathSize exact = exact_datapath(mxsf, mxsf, 30);
  EXPECT_EQ(exact.adder_bits, 65);
  EXPECT_EQ(exact.shifter_bit_stages, 0.6 * 30 * 5);
  EXPECT_EQ(exact.flop_bits, 46);
}

// 16 XNOR gates; 8 + 2 x 4 + 3 x 2 + 4 bits of adders count the ones; one 32-bit sum.
TEST(PopcountDatapath, SharesCounterAndSumAmongTheProductsOfAStep) {
  const DatapathSize size = popcount_datapath(16, 32);
  EXPECT_DOUBLE_EQ(size.multiplier_bits2, 1);
  EXPECT_DOUBLE_EQ(16 * size.adder_bits, 26 + 32);
  EXPECT_DOUBLE_EQ(16 * size.flop_bits, 2 * 16 + 32);
  const DatapathSize alone = popcount_datapath(1, 32);
  EXPECT_DOUBLE_EQ(alone.adder_bits, 32);
  EXPECT_DOUBLE_EQ(alone.flop_bits, 34);
}

}  // namespace
}  // namespace mxsim
