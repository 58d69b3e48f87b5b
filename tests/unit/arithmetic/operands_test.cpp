#include "models/arithmetic/operands.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

constexpr std::int64_t kRows = 24;
constexpr std::int64_t kCols = 40;

std::vector<float> random_values() {
  const CounterRng rng(5, "operands");
  std::vector<float> values;
  for (std::uint64_t i = 0; i < kRows * kCols; ++i) {
    values.push_back(static_cast<float>(
        std::ldexp(rng.normal(2 * i), static_cast<int>(rng.bits(2 * i + 1) % 30) - 15)));
  }
  return values;
}

TEST(ArrayOperands, DecodeToTheDequantizedValuesOfEveryFormat) {
  for (const FormatSpec& format : format_table()) {
    const QuantizedMatrix matrix = quantize(random_values(), kRows, kCols, default_layout(format));
    const std::vector<float> values = dequantize(matrix);
    const std::vector<ArrayOperand> operands = array_operands(matrix);
    const OperandDecoder decoder(format);
    ASSERT_EQ(operands.size(), values.size()) << format.name;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const DecodedOperand decoded = decoder.decode(operands[i]);
      ASSERT_EQ(std::bit_cast<std::uint32_t>(decoded.value),
                std::bit_cast<std::uint32_t>(values[i]))
          << format.name << " element " << i;
      if (!has_exact_view(format)) continue;
      ASSERT_EQ(static_cast<float>(decoded.fixed * decoded.step), values[i])
          << format.name << " element " << i;
    }
  }
}

TEST(ArrayOperands, TravelAsTheCodesThatAreStored) {
  for (const FormatSpec& format : format_table()) {
    const QuantizedMatrix matrix = quantize(random_values(), kRows, kCols, default_layout(format));
    const std::vector<ArrayOperand> operands = array_operands(matrix);
    if (!travels_as_code(format) || format.zero_point) continue;
    for (std::size_t i = 0; i < operands.size(); ++i) {
      ASSERT_EQ(operands[i].code, matrix.codes[i]) << format.name << " element " << i;
    }
  }
  for (const char* name : {"mxsf", "mxfp8_e4m3", "mxfp8_e5m2", "mxfp4_e2m1", "mxint8", "bf16"}) {
    EXPECT_TRUE(travels_as_code(parse_format(name))) << name;
  }
}

// [-1, 4] over 255 steps; real zero is code 51.
TEST(ArrayOperands, WithZeroPointsTravelAsDifferencesFromThem) {
  const FormatSpec uint8 = parse_format("uint8");
  const std::vector<ArrayOperand> operands =
      array_operands(quantize(std::vector<float>{-1, 4, 0, 2}, 1, 4, default_layout(uint8)));
  const OperandDecoder decoder(uint8);
  const int expected[] = {-51, 204, 0, 102};
  for (std::size_t i = 0; i < operands.size(); ++i) {
    EXPECT_EQ(decoder.decode(operands[i]).fixed, expected[i]);
    EXPECT_EQ(decoder.decode(operands[i]).step, operands[i].scale);
  }
}

TEST(OperandDecoder, KnowsZeroAndTheModesOfEveryMxsfCode) {
  const OperandDecoder mxsf(parse_format("mxsf"));
  for (std::uint32_t code = 0; code < 256; ++code) {
    EXPECT_EQ(mxsf.mode(code), (code & 0x60) != 0 ? 1 : 0) << code;
  }
  for (const FormatSpec& format : format_table()) {
    const OperandDecoder decoder(format);
    EXPECT_EQ(decoder.decode(decoder.zero()).value, 0) << format.name;
    EXPECT_EQ(decoder.decode(decoder.zero()).fixed, 0) << format.name;
    EXPECT_EQ(decoder.element(decoder.zero().code), 0) << format.name;
  }
}

TEST(ArrayOperands, ShareOneScaleAlongEveryReductionBlock) {
  for (const FormatSpec& format : format_table()) {
    const DataLayout layout = default_layout(format);
    const std::int64_t length = reduction_block(layout, ReductionAxis::kCols);
    EXPECT_EQ(length > 0, has_exact_view(format)) << format.name;
    if (length == 0) continue;
    const std::vector<ArrayOperand> operands =
        array_operands(quantize(random_values(), kRows, kCols, layout));
    for (std::int64_t i = 0; i < kRows * kCols; ++i) {
      const std::int64_t first = i / kCols * kCols + i % kCols / length * length;
      ASSERT_EQ(operands[static_cast<std::size_t>(i)].scale,
                operands[static_cast<std::size_t>(first)].scale)
          << format.name << " element " << i;
    }
  }
}

TEST(ArrayOperands, OfAPoisonedBlockAreNotANumber) {
  std::vector<float> values = random_values();
  values[0] = std::numeric_limits<float>::infinity();
  for (const char* name : {"mxsf", "mxint8", "mxfp8_e4m3"}) {
    const DataLayout layout = default_layout(parse_format(name));
    const OperandDecoder decoder(layout.format);
    const std::vector<ArrayOperand> operands =
        array_operands(quantize(values, kRows, kCols, layout));
    EXPECT_TRUE(std::isnan(operands[1].scale)) << name;
    EXPECT_TRUE(std::isnan(decoder.decode(operands[1]).value)) << name;
    EXPECT_FALSE(std::isnan(decoder.decode(operands.back()).value)) << name;
  }
}

TEST(ReductionBlock, RunsAlongTheAxisThatIsAskedFor) {
  DataLayout layout = default_layout(parse_format("mxsf"));
  layout.block = {4, 16};
  EXPECT_EQ(reduction_block(layout, ReductionAxis::kRows), 4);
  EXPECT_EQ(reduction_block(layout, ReductionAxis::kCols), 16);
  EXPECT_EQ(reduction_block(default_layout(parse_format("bf16")), ReductionAxis::kCols), 0);
}

}  // namespace
}  // namespace mxsim
