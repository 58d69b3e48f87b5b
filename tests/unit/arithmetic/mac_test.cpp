#include "models/arithmetic/mac.h"

#include <gtest/gtest.h>

#include "models/arithmetic/tile_kernel.h"
#include "models/core/error.h"
#include "models/core/rng.h"

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

TEST(ExactProducts, NeedsShortSignificandsInTheMiddleOfTheRange) {
  const auto operand = [](float value) { return ArrayOperand{value, 0, 0}; };
  const std::vector<ArrayOperand> bf16{operand(1.0F), operand(0x1.feP100F), operand(0.0F)};
  const std::vector<ArrayOperand> wide{operand(0x1.000002p0F)};
  const std::vector<ArrayOperand> tiny{operand(0x1p-140F)};
  EXPECT_TRUE(exact_products(bf16, tiny));
  EXPECT_FALSE(exact_products(bf16, bf16));  // 2^200
  EXPECT_FALSE(exact_products(bf16, wide));
  EXPECT_FALSE(exact_products(tiny, tiny));  // 2^-280
  EXPECT_TRUE(exact_products(wide, {}));
}

TEST(CheckBlockSums, RefusesSumsBeyondADouble) {
  std::vector<ArrayOperand> a(2048, {1.0F, 1 << 23, 0});
  std::vector<float> c(1);
  ArrayCommand command;
  command.k = 2048;
  command.blocks = {2048, 2048, 0};
  EXPECT_THROW(check_block_sums(command, {a, a, c}), InternalError);
  command.blocks = {64, 2048, 0};
  EXPECT_NO_THROW(check_block_sums(command, {a, a, c}));
}

}  // namespace
}  // namespace mxsim
