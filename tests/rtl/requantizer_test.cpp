#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "Vrequantizer_bench.h"
#include "models/formats/format_parser.h"
#include "models/formats/quantizer.h"
#include "tests/rtl/rtl_formats.h"

namespace mxsim {
namespace {

constexpr std::size_t kLanes = 8;

/// Under a block scale no code of these is a NaN, and -0 has none (OCP "fnuz").
bool is_fnuz(const NumberSpec& number) { return number.specials == SpecialCodes::kNegativeZeroNan; }

class Encoders {
 public:
  Encoders() {
    for (const NumberSpec& number : rtl_formats()) codecs_.emplace_back(number);
  }

  void check(std::uint32_t bits, std::uint8_t scale, std::uint16_t random) {
    bench_.value = bits;
    bench_.scale = scale;
    bench_.random = random;
    bench_.eval();
    const double scaled = std::ldexp(std::bit_cast<float>(bits), 127 - scale);
    for (std::size_t f = 0; f < codecs_.size(); ++f) {
      if (is_fnuz(codecs_[f].spec())) continue;
      ASSERT_EQ(codecs_[f].encode(scaled), bench_.nearest[f])
          << "format " << f << ", value " << std::hex << bits << ", scale " << int{scale};
      ASSERT_EQ(codecs_[f].encode(scaled, Rounding::kStochastic, random), bench_.stochastic[f])
          << "format " << f << ", value " << std::hex << bits << ", scale " << int{scale}
          << ", random " << random;
    }
  }

 private:
  Vrequantizer_bench bench_;
  std::vector<ElementCodec> codecs_;
};

/// Every exponent with fractions at and around each format's midpoints, under scales near it.
TEST(ElementEncoder, EncodesAroundEveryMidpointAsTheCodecsDo) {
  Encoders encoders;
  for (unsigned exponent = 0; exponent < 255; ++exponent) {
    for (unsigned top = 0; top < 128; ++top) {
      for (const unsigned rest : {0u, 1u, 0x8000u, 0xffffu}) {
        const std::uint32_t bits = (top & 1) << 31 | exponent << 23 | top << 16 | rest;
        const int scale = static_cast<int>(exponent) - static_cast<int>(top * 7 + rest) % 40 + 8;
        if (scale < 0 || scale > 254) continue;
        ASSERT_NO_FATAL_FAILURE(encoders.check(bits, static_cast<std::uint8_t>(scale),
                                               static_cast<std::uint16_t>(top * 513)));
      }
    }
  }
}

void check_drawn(int cases) {
  Encoders encoders;
  std::mt19937_64 random(8);
  for (int i = 0; i < cases; ++i) {
    const std::uint64_t word = random();
    const auto exponent = static_cast<std::uint32_t>(word % 255);
    const std::uint32_t bits = (static_cast<std::uint32_t>(word >> 32) & 0x807fffff) | exponent
                                                                                           << 23;
    const int scale = static_cast<int>(exponent) - static_cast<int>(word >> 9 & 63) + 16;
    if (scale < 0 || scale > 254) continue;
    ASSERT_NO_FATAL_FAILURE(encoders.check(bits, static_cast<std::uint8_t>(scale),
                                           static_cast<std::uint16_t>(word >> 16)));
  }
}

TEST(ElementEncoder, EncodesDrawnNumbersAsTheCodecsDo) { check_drawn(200000); }

TEST(LongElementEncoder, EncodesDrawnNumbersAsTheCodecsDo) { check_drawn(20000000); }

/// Rows of FP32 results, eight a cycle, with cycles without any between them.
class Stream {
 public:
  Stream() {
    bench_.reset = 1;
    cycle();
    bench_.reset = 0;
  }

  Vrequantizer_bench& push(std::span<const float> row) {
    if (random_() % 3 == 0) {
      bench_.valid = 0;
      cycle();
    }
    for (std::size_t i = 0; i < kLanes; ++i) {
      bench_.values[i] = std::bit_cast<std::uint32_t>(row[i]);
    }
    bench_.valid = 1;
    cycle();
    return bench_;
  }

 private:
  void cycle() {
    bench_.clk = 0;
    bench_.eval();
    bench_.clk = 1;
    bench_.eval();
  }

  Vrequantizer_bench bench_;
  std::mt19937 random_{3};
};

/// Numbers of all sizes; some tiles are tiny, zero, or hold a NaN or an infinity.
std::vector<float> drawn_values(std::size_t rows) {
  std::mt19937_64 random(5);
  std::vector<float> values;
  for (std::size_t row = 0; row < rows; ++row) {
    const int size = std::array{0, 0, -20, -120, -140, 100}[random() % 6];
    for (std::size_t i = 0; i < kLanes; ++i) {
      const double fraction = static_cast<double>(random() >> 11) * 0x1p-53 - 0.5;
      float value =
          static_cast<float>(std::ldexp(fraction, size - static_cast<int>(random() % 12)));
      if (random() % 2000 == 0) value = std::numeric_limits<float>::infinity();
      if (random() % 2000 == 0) value = std::numeric_limits<float>::quiet_NaN();
      values.push_back(row % 11 == 0 ? 0.0F : value);
    }
  }
  return values;
}

/// What the quantizer makes of the same matrix in tiles of so many rows.
struct Expected {
  Expected(const std::vector<float>& values, const std::string& format, std::int64_t rows)
      : matrix(quantize(values, static_cast<std::int64_t>(values.size() / kLanes), kLanes,
                        {parse_format(format), {rows, kLanes}})),
        tile_rows(rows) {}

  void check(std::size_t row, std::uint8_t scale, std::span<const CData> codes) const {
    const auto r = static_cast<std::int64_t>(row);
    ASSERT_EQ(matrix.scales[row / static_cast<std::size_t>(tile_rows)], scale) << "row " << row;
    for (std::int64_t i = 0; i < 8; ++i) {
      ASSERT_EQ(matrix.code(r, i), codes[static_cast<std::size_t>(i)]) << "row " << row;
    }
  }

  QuantizedMatrix matrix;
  std::int64_t tile_rows;
};

TEST(Requantizer, QuantizesTilesAndRowsAsTheQuantizerDoes) {
  constexpr std::size_t kRows = 2000;
  const std::vector<float> values = drawn_values(kRows);
  const Expected tiles(values, "mxsf", 8);
  const Expected rows(values, "mxfp8_e4m3", 1);
  const Expected integers(values, "mxint8", 4);
  Stream stream;
  for (std::size_t row = 0; row < kRows; ++row) {
    const Vrequantizer_bench& out = stream.push(std::span(values).subspan(row * kLanes, kLanes));
    if (row >= 8) {
      ASSERT_NO_FATAL_FAILURE(tiles.check(row - 8, out.tile_scale, out.tile_codes));
      ASSERT_EQ(out.tile_starts, row % 8 == 0);
    }
    if (row >= 1) {
      ASSERT_NO_FATAL_FAILURE(rows.check(row - 1, out.row_scale, out.row_codes));
    }
    if (row >= 4) {
      ASSERT_NO_FATAL_FAILURE(integers.check(row - 4, out.integer_scale, out.integer_codes));
    }
  }
}

TEST(Transposer, HandsOutColumnsWhileTheNextTileEnters) {
  Vrequantizer_bench bench;
  const auto cycle = [&bench] {
    bench.clk = 0;
    bench.eval();
    bench.clk = 1;
    bench.eval();
  };
  bench.reset = 1;
  cycle();
  bench.reset = 0;
  const auto element = [](std::size_t tile, std::size_t row, std::size_t col) {
    return static_cast<std::uint8_t>(tile * 64 + row * 8 + col);
  };
  for (std::size_t tile = 0; tile < 9; ++tile) {
    for (std::size_t row = 0; row < 8; ++row) {
      bench.row = 0;
      for (std::size_t col = 0; col < 8; ++col) {
        bench.row |= std::uint64_t{element(tile, row, col)} << (8 * col);
      }
      bench.valid = row != 3 || bench.valid == 0;  // a cycle without a row holds everything
      bench.clk = 0;
      bench.eval();
      for (std::size_t i = 0; tile > 0 && i < 8; ++i) {
        ASSERT_EQ(bench.column >> (8 * i) & 0xff, element(tile - 1, i, row));
      }
      cycle();
      if (bench.valid == 0) --row;
    }
  }
}

}  // namespace
}  // namespace mxsim
