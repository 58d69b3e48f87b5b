#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "Vadder_bench.h"
#include "models/arithmetic/mac.h"
#include "models/formats/element_codec.h"
#include "tests/rtl/rtl_formats.h"

namespace mxsim {
namespace {

constexpr std::uint32_t kQuiet32 = 0x7fc00000;

std::uint32_t bits_of(float value) {
  return std::isnan(value) ? kQuiet32 : std::bit_cast<std::uint32_t>(value);
}

/// x * y rounded once to nearest even with `precision` bits. Subnormal operands and results below
/// 2^lowest count as zero, results of 2^(highest + 1) and more as infinity.
double flushed_product(double x, double y, int precision, int lowest, int highest) {
  const double smallest = std::ldexp(1.0, lowest);
  if (std::fabs(x) < smallest) x = std::copysign(0.0, x);
  if (std::fabs(y) < smallest) y = std::copysign(0.0, y);
  const double product = x * y;
  if (!std::isfinite(product) || product == 0) return product;
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(product, &exponent), precision);
  const double rounded = std::ldexp(std::nearbyint(scaled), exponent - precision);
  if (std::fabs(rounded) < smallest) return std::copysign(0.0, product);
  if (std::fabs(rounded) < std::ldexp(1.0, highest + 1)) return rounded;
  return std::copysign(std::numeric_limits<double>::infinity(), product);
}

class Adders {
 public:
  void check(std::uint32_t x, std::uint32_t y) {
    bench_.x = x;
    bench_.y = y;
    bench_.eval();
    const float a = std::bit_cast<float>(x);
    const float b = std::bit_cast<float>(y);
    ASSERT_EQ(bits_of(add_rounded_once(a, b)), bench_.fp32_sum) << std::hex << x << " + " << y;
    ASSERT_EQ(bits_of(static_cast<float>(flushed_product(a, b, 24, -126, 127))),
              bench_.fp32_product)
        << std::hex << x << " x " << y;
    const float a_bf16 = std::bit_cast<float>(x & 0xffff0000);
    const float b_bf16 = std::bit_cast<float>(y & 0xffff0000);
    ASSERT_EQ(bits_of(add_rounded_to_bf16(a_bf16, b_bf16)) >> 16, bench_.bf16_sum)
        << std::hex << (x >> 16) << " + " << (y >> 16);
    check_fp16(x >> 16, y >> 16);
  }

 private:
  void check_fp16(std::uint32_t x, std::uint32_t y) {
    const double a = fp16_.decode(x);
    const double b = fp16_.decode(y);
    ASSERT_EQ(fp16_.encode(a + b), bench_.fp16_sum) << std::hex << x << " + " << y;
    ASSERT_EQ(fp16_.encode(flushed_product(a, b, 11, -14, 15)), bench_.fp16_product)
        << std::hex << x << " x " << y;
  }

  Vadder_bench bench_;
  ElementCodec fp16_{minifloat({5, 10, 15, SpecialCodes::kIeee})};
};

/// Zeros, smallest and largest numbers, infinities, NaNs and powers of two with neighbours.
std::vector<std::uint32_t> corners() {
  std::vector<std::uint32_t> words;
  for (const std::uint32_t exponent :
       {0u,   1u,   2u,   23u,  24u,  25u,  112u, 113u, 126u, 127u,
        128u, 142u, 143u, 149u, 150u, 151u, 252u, 253u, 254u, 255u}) {
    for (const std::uint32_t fraction : {0u, 1u, 2u, 0x400000u, 0x7fffffu, 0x7ffffeu, 0x3fffffu,
                                         0x10000u, 0x8000u, 0x7f0000u, 0x18000u}) {
      words.push_back(exponent << 23 | fraction);
      words.push_back(1u << 31 | exponent << 23 | fraction);
    }
  }
  return words;
}

void check_drawn(std::int64_t cases) {
  Adders adders;
  std::mt19937_64 random(26);
  for (std::int64_t i = 0; i < cases; ++i) {
    const std::uint64_t word = random();
    const auto x = static_cast<std::uint32_t>(word);
    auto y = static_cast<std::uint32_t>(word >> 32);
    if ((i & 3) != 0) {  // exponents near each other: all bits matter
      const std::uint32_t near = ((x >> 23) + (y >> 23 & 31) - 16) & 255;
      y = (y & 0x807fffff) | near << 23;
    }
    ASSERT_NO_FATAL_FAILURE(adders.check(x, y));
  }
}

TEST(RoundingAdder, AddsAndMultipliesCornersAsArithmeticDoes) {
  Adders adders;
  const std::vector<std::uint32_t> words = corners();
  for (const std::uint32_t x : words) {
    for (const std::uint32_t y : words) ASSERT_NO_FATAL_FAILURE(adders.check(x, y));
  }
}

TEST(RoundingAdder, AddsAndMultipliesDrawnNumbersAsArithmeticDoes) { check_drawn(1000000); }

TEST(LongRoundingAdder, AddsAndMultipliesDrawnNumbersAsArithmeticDoes) { check_drawn(100000000); }

}  // namespace
}  // namespace mxsim
