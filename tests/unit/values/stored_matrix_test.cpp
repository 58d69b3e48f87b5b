// Stored matrices against the reference quantizer.
#include "models/values/stored_matrix.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "models/workload/format_rules.h"

namespace mxsim {
namespace {

std::vector<float> drawn(std::size_t count) {
  const CounterRng rng(1, "stored matrix");
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>(
        std::ldexp(rng.normal(i), static_cast<int>(rng.bits(1000 + i) % 24) - 12));
  }
  return values;
}

TEST(StoredMatrix, HoldsEveryFormatAsTheQuantizerDoes) {
  constexpr std::int64_t kRows = 21;
  constexpr std::int64_t kCols = 37;
  const std::vector<float> values = drawn(kRows * kCols);
  Workers workers(2);
  for (const FormatSpec& format : format_table()) {
    SCOPED_TRACE(format.name);
    const DataLayout layout{format, format.default_block};
    StoredMatrix matrix(layout, kRows, kCols);
    matrix.encode(values.data(), workers);
    std::vector<float> held(values.size());
    matrix.decode(held.data(), workers);
    const std::vector<float> expected = dequantize(quantize(values, kRows, kCols, layout));
    for (std::size_t i = 0; i < held.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint32_t>(held[i]), std::bit_cast<std::uint32_t>(expected[i]))
          << "element " << i;
    }
  }
}

TEST(StoredMatrix, RoundsToBf16AsTheFormatSays) {
  const ElementCodec codec(parse_format("bf16").element);
  const CounterRng rng(2, "bf16");
  std::vector<float> values{0.0F,
                            -0.0F,
                            1.00390625F,
                            1.01171875F,
                            3.4e38F,
                            -3.4e38F,
                            1e-40F,
                            std::numeric_limits<float>::infinity(),
                            std::numeric_limits<float>::denorm_min()};
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(rng.bits(i)));
    if (!std::isnan(value)) values.push_back(value);
  }
  for (const float value : values) ASSERT_EQ(bf16_bits(value), codec.encode(value)) << value;
  EXPECT_TRUE(std::isnan(std::bit_cast<float>(
      std::uint32_t{bf16_bits(std::numeric_limits<float>::quiet_NaN())} << 16)));
}

TEST(StoredMatrix, HoldsIntegersOfAnyWidth) {
  Workers workers(1);
  for (const int bits : {1, 4, 8, 9, 32}) {
    StoredMatrix matrix({code_format(bits), {1, 1}}, 2, 2);
    const auto largest = static_cast<float>((std::int64_t{1} << std::min(bits, 24)) - 1);
    const std::vector<float> values{0, 1, largest, 0};
    matrix.encode(values.data(), workers);
    std::vector<float> held(4);
    matrix.decode(held.data(), workers);
    EXPECT_EQ(held, values);
  }
}

TEST(StoredMatrix, HashesWhatItHolds) {
  Workers workers(1);
  const DataLayout layout{parse_format("mxsf"), parse_format("mxsf").default_block};
  StoredMatrix one(layout, 8, 16);
  StoredMatrix other(layout, 8, 16);
  std::vector<float> values = drawn(128);
  one.encode(values.data(), workers);
  other.encode(values.data(), workers);
  EXPECT_EQ(one.hash(), other.hash());
  values[77] *= 8;
  other.encode(values.data(), workers);
  EXPECT_NE(one.hash(), other.hash());
}

}  // namespace
}  // namespace mxsim
