#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "models/formats/dequantize.h"
#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"
#include "models/formats/scale_rule.h"

namespace mxsim {
namespace {

/// One line of cases.txt; see tests/data/formats/README.md.
struct GoldenCase {
  std::string format, tensor, rounding, rule, file;
  std::int64_t in_offset, rows, cols, block_rows, block_cols, codes, scales, dq, random;

  std::size_t elements() const { return static_cast<std::size_t>(rows * cols); }
  std::string text() const {
    std::ostringstream out;
    out << format << ' ' << tensor << ' ' << block_rows << 'x' << block_cols << ' ' << rounding
        << ' ' << rule;
    return out.str();
  }
};

std::vector<GoldenCase> read_cases() {
  std::ifstream in(MXSIM_TEST_DATA "/formats/cases.txt");
  std::vector<GoldenCase> cases;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    GoldenCase c;
    words >> c.format >> c.tensor >> c.in_offset >> c.rows >> c.cols >> c.block_rows >>
        c.block_cols >> c.rounding >> c.rule >> c.file >> c.codes >> c.scales >> c.dq >> c.random;
    EXPECT_TRUE(words) << line;
    cases.push_back(c);
  }
  return cases;
}

const std::string& file_bytes(const std::string& name) {
  static std::map<std::string, std::string> files;
  const auto [entry, is_new] = files.try_emplace(name);
  if (is_new) {
    std::ifstream in(MXSIM_TEST_DATA "/formats/" + name, std::ios::binary);
    entry->second.assign(std::istreambuf_iterator<char>(in), {});
  }
  return entry->second;
}

template <class T>
std::vector<T> section(const std::string& file, std::int64_t offset, std::size_t count) {
  std::vector<T> values(count);
  const std::string& bytes = file_bytes(file);
  EXPECT_LE(static_cast<std::size_t>(offset) + count * sizeof(T), bytes.size()) << file;
  std::memcpy(values.data(), bytes.data() + offset, count * sizeof(T));
  return values;
}

std::vector<std::uint32_t> stored_codes(const GoldenCase& c) {
  std::vector<std::uint32_t> wide;
  if (parse_format(c.format).element_bits <= 8) {
    std::ranges::copy(section<std::uint8_t>(c.file, c.codes, c.elements()),
                      std::back_inserter(wide));
  } else {
    std::ranges::copy(section<std::uint16_t>(c.file, c.codes, c.elements()),
                      std::back_inserter(wide));
  }
  return wide;
}

QuantizedMatrix quantized(const GoldenCase& c) {
  DataLayout layout = default_layout(parse_format(c.format));
  if (c.block_rows > 0) {
    layout.block = {c.block_rows, c.block_cols};
    layout.format.scale_rule = parse_scale_rule(c.rule);
  }
  const auto input = section<float>("inputs.bin", c.in_offset, c.elements());
  QuantizeOptions options{.rounding = parse_rounding(c.rounding)};
  std::vector<std::uint16_t> random;
  if (c.random >= 0) random = section<std::uint16_t>(c.file, c.random, c.elements());
  options.random = random;
  return quantize(input, c.rows, c.cols, layout, options);
}

void expect_same_bits(const std::vector<float>& expected, const std::vector<float>& actual) {
  ASSERT_EQ(expected.size(), actual.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (std::isnan(expected[i]) && std::isnan(actual[i])) continue;
    ASSERT_EQ(std::bit_cast<std::uint32_t>(expected[i]), std::bit_cast<std::uint32_t>(actual[i]))
        << "element " << i << ": " << expected[i] << " became " << actual[i];
  }
}

void expect_bit_equal(const GoldenCase& c) {
  SCOPED_TRACE(c.text());
  const QuantizedMatrix matrix = quantized(c);
  EXPECT_EQ(matrix.codes, stored_codes(c));
  if (c.scales >= 0) {
    const auto scales = section<std::uint8_t>(c.file, c.scales, matrix.scales.size());
    EXPECT_TRUE(std::ranges::equal(matrix.scales, scales));
  }
  expect_same_bits(section<float>(c.file, c.dq, c.elements()), dequantize(matrix));
}

TEST(FormatVectors, CodesScalesAndValuesOfEveryCaseAreBitEqual) {
  const auto cases = read_cases();
  ASSERT_EQ(cases.size(), 586u);
  for (const GoldenCase& c : cases) expect_bit_equal(c);
}

TEST(FormatVectors, EveryVectorFileBelongsToAFormatOfTheTable) {
  std::set<std::string> formats;
  for (const GoldenCase& c : read_cases()) formats.insert(c.format);
  EXPECT_EQ(formats.size(), 18u);
  for (const std::string& name : formats) EXPECT_EQ(parse_format(name).name, name);
}

}  // namespace
}  // namespace mxsim
