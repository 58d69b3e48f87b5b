#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>

#include "Vmultiplier_bench.h"
#include "models/formats/element_codec.h"
#include "tests/rtl/rtl_formats.h"

namespace mxsim {
namespace {

constexpr unsigned kCodes = 256;

/// Output of one multiplier.
struct Product {
  std::uint32_t bits;

  bool is_nan() const { return (bits >> 27 & 1) != 0; }
  bool is_inf() const { return (bits >> 26 & 1) != 0; }
  bool sign() const { return (bits >> 25 & 1) != 0; }
  int index() const { return static_cast<int>(bits >> 16 & 511); }
  double value(int step) const {
    if (is_nan()) return std::numeric_limits<double>::quiet_NaN();
    const double magnitude = is_inf() ? std::numeric_limits<double>::infinity()
                                      : std::ldexp(bits & 0xffff, index() - 2 + step);
    return sign() ? -magnitude : magnitude;
  }
};

bool same(double expected, double actual) {
  if (std::isnan(expected)) return std::isnan(actual);
  return std::bit_cast<std::uint64_t>(expected) == std::bit_cast<std::uint64_t>(actual);
}

class Multipliers {
 public:
  /// Compares the pairs (f, f), (f, f + 1), ... (f, f + columns - 1), circularly, on every pair of
  /// codes. Returns how many products were compared.
  std::int64_t compare(std::size_t columns) {
    const std::vector<NumberSpec>& formats = rtl_formats();
    std::vector<ElementCodec> codecs(formats.begin(), formats.end());
    std::int64_t compared = 0;
    for (unsigned a = 0; a < kCodes; ++a) {
      for (unsigned b = 0; b < kCodes; ++b) {
        bench_.a = static_cast<CData>(a);
        bench_.b = static_cast<CData>(b);
        bench_.eval();
        for (std::size_t f = 0; f < codecs.size(); ++f) {
          if (a >> formats[f].bits != 0) continue;
          for (std::size_t i = 0; i < columns; ++i) {
            const std::size_t g = (f + i) % codecs.size();
            if (b >> formats[g].bits != 0) continue;
            check(codecs, f, a, g, b);
            ++compared;
          }
        }
      }
    }
    return compared;
  }

 private:
  void check(const std::vector<ElementCodec>& codecs, std::size_t f, unsigned a, std::size_t g,
             unsigned b) {
    const int step = codecs[f].spec().lsb_exponent() + codecs[g].spec().lsb_exponent();
    const Product product{bench_.products[f * codecs.size() + g]};
    const double expected = codecs[f].decode(a) * codecs[g].decode(b);
    ASSERT_TRUE(same(expected, product.value(step)))
        << "formats " << f << " and " << g << ", codes " << a << " and " << b << ": expected "
        << expected << ", not " << product.value(step);
  }

  Vmultiplier_bench bench_;
};

TEST(Multiplier, EqualsTheCodecsOnEveryPairOfCodesOfAFormatAndItsNeighbour) {
  Multipliers multipliers;
  EXPECT_GT(multipliers.compare(2), 1000000);
}

TEST(LongMultiplier, EqualsTheCodecsOnEveryPairOfCodesOfEveryPairOfFormats) {
  Multipliers multipliers;
  std::int64_t codes = 0;
  for (const NumberSpec& number : rtl_formats()) codes += std::int64_t{1} << number.bits;
  EXPECT_EQ(multipliers.compare(rtl_formats().size()), codes * codes);
}

}  // namespace
}  // namespace mxsim
