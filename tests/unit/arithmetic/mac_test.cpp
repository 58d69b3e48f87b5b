#include "models/arithmetic/mac.h"

#include <gtest/gtest.h>

#include <bit>

#include "models/arithmetic/lanes.h"
#include "models/arithmetic/tile_kernel.h"
#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

__extension__ using Wide = __float128;

TEST(AddRoundedOnce, EqualsTheExactSumRoundedToNearestEven) {
  const CounterRng rng(11, "add");
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t bits = rng.bits(2 * i);
    const int gap = static_cast<int>(rng.bits(2 * i + 1) % 60) - 30;
    const auto sum = std::ldexp(static_cast<float>(static_cast<std::int32_t>(bits) >> 8), -12);
    const double value =
        std::ldexp(static_cast<double>(static_cast<std::int64_t>(bits) >> 33), gap - 20);
    const auto exact = static_cast<float>(static_cast<Wide>(sum) + static_cast<Wide>(value));
    ASSERT_EQ(add_rounded_once(sum, value), exact) << sum << " + " << value;
  }
}

TEST(AddRoundedOnce, RoundsByTheSmallestPartWhereADoubleSumWouldTie) {
  // 1 + 2^-24 lies between 1 and its successor; the rest, lost in a double, decides.
  const double tie = 0x1p-24;
  EXPECT_EQ(add_rounded_once(1.0F, tie), 1.0F);
  EXPECT_EQ(add_rounded_once(0x1p-90F, 1.0 + tie), 1.0F + 0x1p-23F);
  EXPECT_EQ(add_rounded_once(-0x1p-90F, 1.0 + tie), 1.0F);
  EXPECT_EQ(add_rounded_once(-0x1p-90F, -(1.0 + tie)), -(1.0F + 0x1p-23F));
}

TEST(AddRoundedOnce, KeepsInfinitiesAndNotANumber) {
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(add_rounded_once(infinity, 1.0), infinity);
  EXPECT_EQ(add_rounded_once(-infinity, 1.0), -infinity);
  EXPECT_TRUE(std::isnan(add_rounded_once(1.0F, std::nan(""))));
  EXPECT_EQ(add_rounded_once(0x1p127F, 0x1p127), infinity);
}

/// Nearest even by the definition: BF16 values around x, the closer one, the even one of a tie.
float nearest_bf16(Wide x) {
  const auto down = [](float value) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xffff0000u);
  };
  const float low = down(static_cast<float>(x < 0 ? -x : x));  // may lie one step too high
  const auto step = [](float value, int steps) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) +
                                static_cast<std::uint32_t>(steps) * 0x10000u);
  };
  const Wide magnitude = x < 0 ? -x : x;
  float best = low;
  for (const float candidate : {low > 0 ? step(low, -1) : low, step(low, 1)}) {
    const auto distance = [&](float value) {
      const Wide d = static_cast<Wide>(value) - magnitude;
      return d < 0 ? -d : d;
    };
    const bool even = (std::bit_cast<std::uint32_t>(candidate) & 0x10000u) == 0;
    if (distance(candidate) < distance(best) || (distance(candidate) == distance(best) && even)) {
      best = candidate;
    }
  }
  return x < 0 ? -best : best;
}

TEST(AddRoundedToBf16, EqualsTheExactSumRoundedToNearestEven) {
  const CounterRng rng(12, "bf16");
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t bits = rng.bits(2 * i);
    const int gap = static_cast<int>(rng.bits(2 * i + 1) % 40) - 20;
    const int exponent = i % 5 == 0 ? -133 : -12;  // among the subnormals, too
    const float sum = round_to_bf16(
        std::ldexp(static_cast<double>(static_cast<std::int32_t>(bits) >> 20), exponent));
    const double value = std::ldexp(
        static_cast<double>(static_cast<std::int64_t>(bits) >> (40 + i % 16)), gap + exponent);
    const Wide exact = static_cast<Wide>(sum) + static_cast<Wide>(value);
    ASSERT_EQ(add_rounded_to_bf16(sum, value), nearest_bf16(exact)) << sum << " + " << value;
  }
}

TEST(AddRoundedToBf16, GoesToInfinityFromTheMidpointPastTheLargestValue) {
  const float largest = 0x1.fep127F;
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(add_rounded_to_bf16(largest, 0x1p119 - 0x1p80), largest);
  EXPECT_EQ(add_rounded_to_bf16(largest, 0x1p119), infinity);
  EXPECT_EQ(add_rounded_to_bf16(-infinity, 0x1p119), -infinity);
  EXPECT_TRUE(std::isnan(add_rounded_to_bf16(infinity, -double{infinity})));
  EXPECT_TRUE(std::signbit(add_rounded_to_bf16(-0.0F, -0x1p-140)));
}

DecodedOperand whole(std::int32_t value) { return {static_cast<float>(value), value, 1}; }

TEST(GeneralLane, SaturatesAFixedSumAtEveryAddition) {
  ArraySpec spec;
  spec.accumulator = Accumulator::kFixed;
  spec.accumulator_bits = 8;
  ArrayCommand command;
  command.blocks = {4, 4, 0};
  command.k = 4;
  const GeneralLane lane{SumRule(spec, command)};
  PartialSum sum;
  EXPECT_EQ(lane.mac(sum, whole(10), whole(20), {}), 0u);
  EXPECT_EQ(sum.block, 127);
  lane.mac(sum, whole(-1), whole(100), {});
  EXPECT_EQ(sum.block, 27);
  lane.mac(sum, whole(-20), whole(20), {});
  EXPECT_EQ(sum.block, -128);
  EXPECT_EQ(lane.mac(sum, whole(1), whole(8), {true, true}), 1u);
  EXPECT_EQ(sum.value, -120.0F);
}

TEST(GeneralLane, RoundsAChunkApartFromTheSum) {
  ArraySpec spec;
  spec.accumulator = Accumulator::kBf16;
  spec.accumulator_chunk = 2;
  ArrayCommand command;
  command.k = 4;
  const GeneralLane lane{SumRule(spec, command)};
  PartialSum sum;
  lane.mac(sum, whole(256), whole(1), {false, false});
  EXPECT_EQ(lane.mac(sum, whole(0), whole(0), {false, true}), 1u);
  EXPECT_EQ(sum.value, 256.0F);
  lane.mac(sum, whole(1), whole(1), {false, false});  // alone, each would be lost beside 256
  lane.mac(sum, whole(1), whole(1), {false, true});
  EXPECT_EQ(sum.value, 258.0F);
}

TEST(ExactProducts, NeedsShortSignificandsInTheMiddleOfTheRange) {
  const auto operands = [](std::initializer_list<float> values) {
    std::vector<ArrayOperand> list;
    for (const float value : values) list.push_back({std::bit_cast<std::uint32_t>(value), 1.0F});
    return list;
  };
  const auto exact = [](const std::vector<ArrayOperand>& a, const std::vector<ArrayOperand>& b) {
    return exact_products({a, b, {}});
  };
  const std::vector<ArrayOperand> bf16 = operands({1.0F, 0x1.feP100F, 0.0F});
  const std::vector<ArrayOperand> wide = operands({0x1.000002p0F});
  const std::vector<ArrayOperand> tiny = operands({0x1p-140F});
  EXPECT_TRUE(exact(bf16, tiny));
  EXPECT_FALSE(exact(bf16, bf16));  // 2^200
  EXPECT_FALSE(exact(bf16, wide));
  EXPECT_FALSE(exact(tiny, tiny));  // 2^-280
  EXPECT_TRUE(exact(wide, {}));
}

TEST(AddPart, RoundsLongPartsOnce) {
  const CounterRng rng(13, "part");
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    const std::uint64_t bits = rng.bits(2 * i);
    const std::uint64_t drawn = rng.bits(2 * i + 1);
    const std::int64_t part = static_cast<std::int64_t>(drawn) >> (2 + bits % 12);
    // Often close to -part, so that the addition cancels what a double would have kept.
    const bool cancels = (bits >> 8) % 2 == 0;
    const float sum = cancels
                          ? -std::ldexp(static_cast<float>(part), -7)
                          : std::ldexp(static_cast<float>(static_cast<std::int32_t>(bits >> 32)),
                                       static_cast<int>((bits >> 16) % 50) - 20);
    const DecodedOperand a{0, 0, 0x1p-3};
    const DecodedOperand b{0, 0, 0x1p-4};
    const Wide exact = static_cast<Wide>(sum) + static_cast<Wide>(part) * 0x1p-7;
    ASSERT_EQ(add_part(sum, part, a, b), static_cast<float>(exact)) << sum << " + " << part;
    const float bf16 = round_to_bf16(sum);
    const Wide exact_of_bf16 = static_cast<Wide>(bf16) + static_cast<Wide>(part) * 0x1p-7;
    ASSERT_EQ(add_part_to_bf16(bf16, part, a, b), nearest_bf16(exact_of_bf16)) << sum;
  }
}

/// Elements of 24 bits: 3 x 2^22.
FormatSpec widest_elements() {
  FormatSpec wide = parse_format("mxint8");
  wide.element.binades = std::vector<BinadeRange>(1, {0, 22, 1});
  wide.element.bits = 8;
  wide.element.largest_code = 47;
  wide.element.sign = SignCoding::kSignMagnitude;
  return wide;
}

TEST(LargestBlockSum, RefusesSumsBeyondThePesIntegers) {
  const FormatSpec wide = widest_elements();
  ASSERT_TRUE(has_exact_view(wide));
  const OperandDecoder decoder(wide);
  const std::vector<ArrayOperand> a(32768, {47, 1.0F});
  std::vector<float> c(1);
  ArrayCommand command;
  command.k = 32768;
  command.blocks = {32768, 32768, 0};
  EXPECT_THROW(largest_block_sum(command, {a, a, c, &decoder, &decoder}), InternalError);
  command.blocks = {16384, 32768, 0};
  EXPECT_EQ(largest_block_sum(command, {a, a, c, &decoder, &decoder}), 9 * 0x1p58);
}

}  // namespace
}  // namespace mxsim
