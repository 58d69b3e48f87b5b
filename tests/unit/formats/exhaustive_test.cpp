// Every code of every format of 16 bits or fewer, against exact rational arithmetic.
#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "models/formats/element_codec.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

using Rational = boost::multiprecision::cpp_rational;

struct NamedNumber {
  std::string name;
  NumberSpec number;
};

std::vector<NamedNumber> table_numbers() {
  std::vector<NamedNumber> numbers;
  for (const FormatSpec& format : format_table()) {
    if (format.element_bits <= 16) numbers.push_back({format.name, format.element});
    if (format.scale_bits > 0 && format.scale->bits <= 16) {
      numbers.push_back({format.name + " scale", *format.scale});
    }
  }
  return numbers;
}

/// MXSF with each bias of its small mode: repeated codes below 8, a hole above.
std::vector<NamedNumber> mxsf_biases() {
  std::vector<NamedNumber> numbers;
  for (int bias = 5; bias <= 16; ++bias) {
    const std::string name = "mxsf:bias=" + std::to_string(bias);
    numbers.push_back({name, parse_format(name).element});
  }
  return numbers;
}

std::vector<NamedNumber> joined(std::vector<NamedNumber> a, const std::vector<NamedNumber>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// All ExMy within float32's range, with every kind of special codes.
std::vector<NamedNumber> minifloats(int most_bits) {
  std::vector<NamedNumber> numbers;
  for (int exponent_bits = 1; exponent_bits <= 8; ++exponent_bits) {
    for (int mantissa_bits = 0; 1 + exponent_bits + mantissa_bits <= most_bits; ++mantissa_bits) {
      for (const char* specials : {"", "fn", "fnuz", "fin"}) {
        const std::string name =
            "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits) + specials;
        try {
          numbers.push_back({name, parse_format(name).element});
        } catch (const InputError&) {
          continue;  // FormatParser's tests say which ones are refused
        }
      }
    }
  }
  return numbers;
}

bool is_symmetric_number(const ElementCodec& codec, std::uint32_t code) {
  return codec.magnitude_code(code) <= codec.spec().largest_code;
}

void expect_codes_survive(const NamedNumber& named) {
  const ElementCodec codec(named.number);
  for (std::uint32_t code = 0; code < 1u << named.number.bits; ++code) {
    const double value = codec.decode(code);
    if (std::isnan(value) || !is_symmetric_number(codec, code)) continue;
    const std::uint32_t again = codec.encode(value);
    if (codec.is_repeated(codec.magnitude_code(code))) {
      ASSERT_EQ(codec.decode(again), value) << named.name;
      ASSERT_FALSE(codec.is_repeated(codec.magnitude_code(again))) << named.name << ' ' << value;
    } else {
      ASSERT_EQ(again, code) << named.name << ' ' << value;
    }
  }
}

TEST(EveryCode, OfATableFormatEncodesBackToItself) {
  for (const NamedNumber& named : joined(table_numbers(), mxsf_biases())) {
    expect_codes_survive(named);
  }
}

TEST(EveryCode, OfAnyMinifloatEncodesBackToItself) {
  for (const NamedNumber& named : minifloats(16)) expect_codes_survive(named);
}

/// The codes that encode() gives, in ascending order.
std::vector<std::uint32_t> magnitude_codes(const ElementCodec& codec) {
  std::vector<std::uint32_t> codes;
  for (std::uint32_t code = 0; code <= codec.spec().largest_code; ++code) {
    if (!codec.is_repeated(code)) codes.push_back(code);
  }
  return codes;
}

TEST(EveryCode, FlushedOfSubnormalsEncodesBackToItself) {
  for (const char* name : {"fp8_e4m3", "fp8_e5m2", "mxsf", "mxfp6_e3m2", "fp16", "bf16"}) {
    const std::string flushed = std::string(name) + ":subnormals=flush";
    expect_codes_survive({flushed, parse_format(flushed).element});
  }
}

TEST(EveryMidpoint, FlushedOfSubnormalsRoundsAsBeforeAndThenFlushes) {
  for (const char* name : {"fp8_e4m3", "mxsf", "mxfp6_e3m2", "fp16"}) {
    const ElementCodec kept(parse_format(name).element);
    const ElementCodec flushed(parse_format(std::string(name) + ":subnormals=flush").element);
    const double normal = flushed.spec().smallest_nonzero();
    for (std::uint32_t code = 0; code < kept.spec().largest_code; ++code) {
      const double middle = (kept.magnitude(code) + kept.magnitude(code + 1)) / 2;
      for (const double value : {kept.magnitude(code), middle, std::nextafter(middle, 0.0)}) {
        const double rounded = kept.decode(kept.encode(value));
        ASSERT_EQ(flushed.decode(flushed.encode(value)), rounded < normal ? 0 : rounded)
            << name << ' ' << value;
      }
    }
  }
}

TEST(EveryCode, IsMonotoneInTheMagnitude) {
  for (const NamedNumber& named : joined(joined(table_numbers(), mxsf_biases()), minifloats(16))) {
    const ElementCodec codec(named.number);
    double below = -1;
    for (const std::uint32_t code : magnitude_codes(codec)) {
      ASSERT_LT(below, codec.magnitude(code)) << named.name << ' ' << code;
      below = codec.magnitude(code);
    }
  }
}

/// (-1)^S 2^(E - bias) (1 + M / 2^m), or 2^(1 - bias) M / 2^m when E = 0: the definition common to
/// IEEE 754, OFP8 and MX.
double value_by_fields(std::uint32_t code, int exponent_bits, int mantissa_bits, int bias) {
  const auto mantissa = static_cast<double>(code & ((1u << mantissa_bits) - 1));
  const auto field = static_cast<int>(code >> mantissa_bits & ((1u << exponent_bits) - 1));
  const double sign = code >> (exponent_bits + mantissa_bits) & 1 ? -1 : 1;
  const double fraction = std::ldexp(mantissa, -mantissa_bits);
  return sign *
         (field == 0 ? std::ldexp(fraction, 1 - bias) : std::ldexp(1 + fraction, field - bias));
}

struct Fields {
  std::string_view name;
  int exponent_bits, mantissa_bits, bias;
};

TEST(EveryCode, DecodesByTheDefinitionOfItsFields) {
  constexpr Fields kFields[] = {
      {"bf16", 8, 7, 127},     {"fp16", 5, 10, 15},     {"fp8_e4m3", 4, 3, 7},
      {"fp8_e5m2", 5, 2, 15},  {"mxfp8_e4m3", 4, 3, 7}, {"mxfp8_e5m2", 5, 2, 15},
      {"mxfp8_e2m5", 2, 5, 1}, {"mxfp8_e3m4", 3, 4, 3}, {"mxfp6_e3m2", 3, 2, 3},
      {"mxfp6_e2m3", 2, 3, 1}, {"mxfp4_e2m1", 2, 1, 1}, {"nvfp4", 2, 1, 1},
      {"e3m4b7fn", 3, 4, 7}};
  for (const Fields& fields : kFields) {
    const ElementCodec codec(parse_format(fields.name).element);
    for (std::uint32_t code = 0; code < 1u << codec.spec().bits; ++code) {
      if (!is_symmetric_number(codec, code)) continue;
      EXPECT_EQ(codec.decode(code),
                value_by_fields(code, fields.exponent_bits, fields.mantissa_bits, fields.bias))
          << fields.name << ' ' << code;
    }
  }
}

TEST(EveryCode, OfMxsfDecodesByTheDefinitionOfItsTwoModes) {
  int bias = 5;
  for (const NamedNumber& named : mxsf_biases()) {
    const ElementCodec codec(named.number);
    for (std::uint32_t code = 0; code < 128; ++code) {
      const double expected = code >= 32 ? value_by_fields(code, 2, 5, 1)      // E2M5
                                         : value_by_fields(code, 3, 2, bias);  // E3M2
      EXPECT_EQ(codec.decode(code), expected) << named.name << ' ' << code;
      EXPECT_EQ(codec.decode(code | 0x80), -expected) << named.name << ' ' << code;
    }
    ++bias;
  }
}

TEST(EveryCode, OfAnIntegerIsTwosComplement) {
  for (int bits = 2; bits <= 8; ++bits) {
    const ElementCodec scaled(parse_format("mxint" + std::to_string(bits)).element);
    const ElementCodec plain(parse_format("int" + std::to_string(bits) + ",float32").element);
    for (int value = -(1 << (bits - 1)); value < 1 << (bits - 1); ++value) {
      const auto code = static_cast<std::uint32_t>(value) & ((1u << bits) - 1);
      EXPECT_EQ(plain.decode(code), value);
      EXPECT_EQ(scaled.decode(code), std::ldexp(value, 2 - bits));
    }
  }
}

/// A value between two neighbours, compared exactly.
struct Between {
  int to_below_less_to_above;  ///< sign of the difference of the distances
  bool is_above;               ///< it is the upper neighbour
};

bool rounds_up(const Between& value, bool above_is_even, Rounding rounding) {
  if (rounding == Rounding::kTowardZero) return value.is_above;
  if (value.to_below_less_to_above != 0) return value.to_below_less_to_above > 0;
  return rounding == Rounding::kNearestAway ||
         (rounding == Rounding::kNearestEven && above_is_even);
}

void expect_exact_rounding_between(const NamedNumber& named, const ElementCodec& codec,
                                   std::uint32_t lower_code, std::uint32_t upper_code) {
  const double below = codec.magnitude(lower_code);
  const double above = codec.magnitude(upper_code);
  const Rational sum = Rational(below) + Rational(above);
  const double middle = below / 2 + above / 2;
  ASSERT_EQ(Rational(middle) * 2, sum) << named.name;
  const double points[] = {below,  std::nextafter(below, above),  std::nextafter(middle, below),
                           middle, std::nextafter(middle, above), std::nextafter(above, below)};
  for (const double point : points) {
    const Between value{Rational(Rational(point) * 2 - sum).sign(), point == above};
    for (const Rounding rounding : {Rounding::kNearestEven, Rounding::kNearestAway,
                                    Rounding::kNearestTowardZero, Rounding::kTowardZero}) {
      const bool up = rounds_up(value, lower_code % 2 == 1, rounding);
      ASSERT_EQ(codec.round_magnitude(point, rounding, 0), up ? upper_code : lower_code)
          << named.name << ' ' << point << ' ' << to_string(rounding);
    }
  }
}

void expect_exact_rounding(const std::vector<NamedNumber>& numbers) {
  for (const NamedNumber& named : numbers) {
    if (named.number.binades.front().end == RangeEnd::kClamp) continue;  // not nearest by design
    const ElementCodec codec(named.number);
    const std::vector<std::uint32_t> codes = magnitude_codes(codec);
    for (std::size_t i = 1; i < codes.size(); ++i) {
      expect_exact_rounding_between(named, codec, codes[i - 1], codes[i]);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

TEST(EveryMidpoint, OfTableFormatsUpToEightBitsAndItsNeighboursRoundExactly) {
  auto numbers = table_numbers();
  std::erase_if(numbers, [](const NamedNumber& named) { return named.number.bits > 8; });
  expect_exact_rounding(numbers);
}

TEST(EveryMidpoint, OfMinifloatsUpToEightBitsAndItsNeighboursRoundExactly) {
  expect_exact_rounding(minifloats(8));
}

TEST(EveryMidpoint, OfMxsfWithAnyBiasAndItsNeighboursRoundExactly) {
  expect_exact_rounding(mxsf_biases());
}

/// Minifloats of `bits` bits whose every code is a number where that stays within float32's range:
/// the other kinds of special codes only leave out codes at the top.
std::vector<NamedNumber> widest_minifloats(int bits) {
  std::vector<NamedNumber> numbers;
  for (int exponent_bits = 1; exponent_bits <= 8; ++exponent_bits) {
    const int mantissa_bits = bits - 1 - exponent_bits;
    if (exponent_bits == 8 && mantissa_bits == 0) continue;  // E8M0 is unsigned, in the table
    const std::string name =
        "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits);
    numbers.push_back({name, parse_format(exponent_bits == 8 ? name : name + "fin").element});
  }
  return numbers;
}

class WideMinifloat : public testing::TestWithParam<NamedNumber> {};

TEST_P(WideMinifloat, RoundsExactlyAtEveryMidpointAndItsNeighbours) {
  expect_exact_rounding({GetParam()});
}

std::vector<NamedNumber> wide_minifloats() {
  std::vector<NamedNumber> numbers;
  for (int bits = 9; bits <= 16; ++bits) numbers = joined(numbers, widest_minifloats(bits));
  return numbers;
}

INSTANTIATE_TEST_SUITE_P(EveryMidpoint, WideMinifloat, testing::ValuesIn(wide_minifloats()),
                         [](const auto& info) { return info.param.name; });

// bias 9: nothing between 0.4375 and 1.
TEST(MxsfBias, AboveEightLeavesAHoleThatRoundsToItsEnds) {
  const ElementCodec codec(parse_format("mxsf:bias=9").element);
  const double middle = (0.4375 + 1) / 2;
  EXPECT_EQ(codec.decode(codec.encode(0.45)), 0.4375);
  EXPECT_EQ(codec.decode(codec.encode(std::nextafter(middle, 0))), 0.4375);
  EXPECT_EQ(codec.decode(codec.encode(middle)), 1);  // a tie: 0x20 is the even code
  EXPECT_EQ(codec.decode(codec.encode(0.99, Rounding::kTowardZero)), 0.4375);
  // 1/4 of the way up: a carry for the upper quarter of the words.
  const double quarter = 0.4375 + 0.5625 / 4;
  EXPECT_EQ(codec.decode(codec.encode(quarter, Rounding::kStochastic, 49151)), 0.4375);
  EXPECT_EQ(codec.decode(codec.encode(quarter, Rounding::kStochastic, 49152)), 1);
  EXPECT_EQ(ElementCodec(parse_format("mxsf:bias=9:boundary=clamp").element).encode(0.99), 0x1fu);
}

// bias 7: 0x1c..0x1f are 1, 1.25, 1.5, 1.75, which 0x20, 0x28, 0x30, 0x38 are too.
TEST(MxsfBias, BelowEightRepeatsValuesOfTheWideModeWhichIsTheOneEncoded) {
  const ElementCodec codec(parse_format("mxsf:bias=7").element);
  EXPECT_EQ(codec.decode(0x1d), 1.25);
  EXPECT_EQ(codec.encode(1.25), 0x28u);
  EXPECT_EQ(codec.encode(0.97), 0x20u);
  EXPECT_EQ(codec.encode(0.9), 0x1bu);
}

TEST(EveryMidpoint, OfMxsfWithClampStaysInTheModeChosenBeforeRounding) {
  const ElementCodec codec(parse_format("mxsf_clamp").element);
  EXPECT_EQ(codec.encode(0.97), 0x1fu);
  EXPECT_EQ(codec.encode(-0.9375), 0x9fu);
  EXPECT_EQ(codec.encode(1.0), 0x20u);
}

/// Largest value plus half a step decides between it and overflow; a tie goes to the even code.
TEST(EveryFormat, OverflowsHalfAStepAboveItsLargestValue) {
  for (const NamedNumber& named : table_numbers()) {
    const NumberSpec& number = named.number;
    const ElementCodec codec(number);
    const double step = codec.magnitude(number.largest_code + std::uint64_t{1}) - number.largest();
    const double limit = number.largest() + step / 2;
    const double past = number.overflow == Overflow::kInfinity
                            ? std::numeric_limits<double>::infinity()
                            : number.largest();
    EXPECT_EQ(codec.decode(codec.encode(std::nextafter(limit, 0.0))), number.largest())
        << named.name;
    EXPECT_EQ(codec.decode(codec.encode(std::nextafter(limit, 2 * limit))), past) << named.name;
    EXPECT_EQ(codec.decode(codec.encode(1e300)), past) << named.name;
  }
}

// The fraction of a step, truncated to 16 bits, plus the word: a carry rounds up.
TEST(EveryCode, RoundsUpStochasticallyForAsManyWordsAsItsFractionHas) {
  const ElementCodec codec(parse_format("mxsf").element);
  for (std::uint32_t code = 0; code < 0x7f; ++code) {
    const double below = codec.magnitude(code);
    const double step = codec.magnitude(code + 1) - below;
    for (const int numerator : {1, 77, 255}) {
      const double value = below + step * numerator / 256;
      const auto first_up = static_cast<std::uint16_t>(65536 - numerator * 256);
      const auto last_down = static_cast<std::uint16_t>(first_up - 1);
      EXPECT_EQ(codec.encode(value, Rounding::kStochastic, last_down), code) << value;
      EXPECT_EQ(codec.encode(value, Rounding::kStochastic, first_up), code + 1) << value;
    }
  }
}

}  // namespace
}  // namespace mxsim
