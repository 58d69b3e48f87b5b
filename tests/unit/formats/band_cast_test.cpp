#include "models/formats/band_cast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "models/core/rng.h"
#include "models/formats/format_table.h"

namespace mxsim {
namespace {

constexpr std::int64_t kRows = 53;
constexpr std::int64_t kCols = 6000;  // several bands of the formats with small blocks

std::vector<float> sample() {
  const CounterRng rng(7, "band cast");
  std::vector<float> values;
  for (std::uint64_t i = 0; i < kRows * kCols; ++i) {
    values.push_back(static_cast<float>(std::ldexp(rng.normal(2 * i), static_cast<int>(i % 13))));
  }
  values[4000] = std::numeric_limits<float>::quiet_NaN();
  return values;
}

/// Codes of one, two or four bytes.
std::vector<std::uint32_t> widened(const std::vector<std::byte>& bytes, int size) {
  std::vector<std::uint32_t> codes(bytes.size() / static_cast<std::size_t>(size));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    codes[i / static_cast<std::size_t>(size)] |= std::to_integer<std::uint32_t>(bytes[i])
                                                 << (8 * (i % static_cast<std::size_t>(size)));
  }
  return codes;
}

struct Parts {
  std::vector<float> values;
  std::vector<std::uint32_t> codes, scales;
};

Parts cast_in_bands(const std::vector<float>& in, const DataLayout& layout,
                    const QuantizeOptions& options) {
  const BandCast cast(layout, options, kRows, kCols);
  const int code_size = code_bytes(layout.format.element_bits);
  const int scale_size = layout.format.scale ? code_bytes(layout.format.scale->bits) : 1;
  Parts whole;
  for (std::int64_t row = 0; row < kRows; row += cast.band_rows()) {
    const std::int64_t end = std::min(row + cast.band_rows(), kRows);
    const auto count = static_cast<std::size_t>((end - row) * kCols);
    const std::span<const float> band(in.data() + row * kCols, count);
    std::vector<float> values(count);
    std::vector<std::byte> codes(count * static_cast<std::size_t>(code_size));
    std::vector<std::byte> scales(
        static_cast<std::size_t>((cast.blocks_above(end) - cast.blocks_above(row)) * scale_size));
    cast.run(row, band, {values, codes, scales});
    const auto append = [](auto& to, const auto& from) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(whole.values, values);
    append(whole.codes, widened(codes, code_size));
    append(whole.scales, widened(scales, scale_size));
  }
  return whole;
}

class EveryRounding : public testing::TestWithParam<Rounding> {};

TEST_P(EveryRounding, GivesInBandsTheBitsOfTheWholeMatrix) {
  const std::vector<float> in = sample();
  const QuantizeOptions options{.rounding = GetParam(), .seed = 9};
  for (const FormatSpec& format : format_table()) {
    const DataLayout layout = default_layout(format);
    const QuantizedMatrix expected = quantize(in, kRows, kCols, layout, options);
    const Parts parts = cast_in_bands(in, layout, options);
    EXPECT_EQ(parts.codes, expected.codes) << format.name;
    EXPECT_EQ(parts.scales, expected.scales) << format.name;
    const std::vector<float> values = dequantize(expected);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i]) && std::isnan(parts.values[i])) continue;
      ASSERT_EQ(std::bit_cast<std::uint32_t>(values[i]),
                std::bit_cast<std::uint32_t>(parts.values[i]))
          << format.name << ' ' << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BandCast, EveryRounding,
                         testing::Values(Rounding::kNearestEven, Rounding::kStochastic),
                         [](const auto& info) { return std::string(to_string(info.param)); });

TEST(BandCast, BandsAreWholeBlocksAndStayInACache) {
  const BandCast tiles(default_layout(parse_format("mxsf")), {}, 4096, 4096);
  EXPECT_EQ(tiles.band_rows() % 8, 0);
  EXPECT_LE(tiles.band_rows() * 4096, 1 << 17);
  const BandCast tensor(default_layout(parse_format("int8")), {}, 4096, 4096);
  EXPECT_EQ(tensor.band_rows(), 4096);  // its scale depends on all of them
}

}  // namespace
}  // namespace mxsim
