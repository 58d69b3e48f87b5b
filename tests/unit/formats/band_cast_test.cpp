#include "models/formats/band_cast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

#include "models/core/rng.h"
#include "models/formats/dequantize.h"
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
std::vector<std::uint32_t> widened(const std::vector<std::byte>& bytes, std::size_t size) {
  std::vector<std::uint32_t> codes(bytes.size() / size);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    codes[i / size] |= std::to_integer<std::uint32_t>(bytes[i]) << (8 * (i % size));
  }
  return codes;
}

struct Parts {
  std::vector<float> values;
  std::array<std::vector<std::uint32_t>, kEncodingParts.size()> codes;
  double tensor_scale = 0;
};

Parts cast_in_bands(const std::vector<float>& in, const DataLayout& layout,
                    const QuantizeOptions& options) {
  const BandCast cast(layout, options, kRows, kCols);
  Parts whole;
  whole.values.resize(in.size());
  for (std::int64_t row = 0; row < kRows; row += cast.band_rows()) {
    const std::int64_t end = std::min(row + cast.band_rows(), kRows);
    const auto first = static_cast<std::size_t>(row * kCols);
    const auto count = static_cast<std::size_t>((end - row) * kCols);
    CastOutput output{std::span(whole.values).subspan(first, count), {}};
    std::array<std::vector<std::byte>, kEncodingParts.size()> bytes;
    for (const EncodingPart part : kEncodingParts) {
      const auto i = static_cast<std::size_t>(part);
      bytes[i].resize(
          static_cast<std::size_t>(cast.bytes_above(end, part) - cast.bytes_above(row, part)));
      output.parts[i] = bytes[i];
    }
    whole.tensor_scale = cast.run(row, std::span(in).subspan(first, count), output);
    for (const EncodingPart part : kEncodingParts) {
      const auto i = static_cast<std::size_t>(part);
      const auto one = part_layout(layout, part);
      const auto codes =
          widened(bytes[i], one ? static_cast<std::size_t>(code_bytes(one->bits)) : 1);
      whole.codes[i].insert(whole.codes[i].end(), codes.begin(), codes.end());
    }
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
    const auto& [codes, scales, zero_points, offsets] = parts.codes;
    EXPECT_EQ(codes, expected.codes) << format.name;
    EXPECT_EQ(scales, expected.scales) << format.name;
    EXPECT_EQ(zero_points, expected.zero_points) << format.name;
    EXPECT_TRUE(std::ranges::equal(offsets, expected.offsets)) << format.name;
    EXPECT_EQ(parts.tensor_scale, expected.tensor_scale) << format.name;
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
                         testing::Values(Rounding::kNearestEven, Rounding::kNearestAway,
                                         Rounding::kNearestTowardZero, Rounding::kTowardZero,
                                         Rounding::kStochastic),
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
