#include "models/formats/band_cast.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "models/core/error.h"
#include "models/core/shape.h"
#include "models/core/units.h"
#include "models/formats/random_words.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBandElements = 1 << 17;

template <class T>
void narrow_to(const std::vector<std::uint32_t>& codes, std::span<std::byte> out) {
  ensure(out.size() == codes.size() * sizeof(T), "BandCast: one code an element or block");
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto code = static_cast<T>(codes[i]);
    std::memcpy(out.data() + i * sizeof(T), &code, sizeof(T));
  }
}

void narrow(const std::vector<std::uint32_t>& codes, int bits, std::span<std::byte> out) {
  if (out.empty()) return;
  switch (code_bytes(bits)) {
    case 1:
      return narrow_to<std::uint8_t>(codes, out);
    case 2:
      return narrow_to<std::uint16_t>(codes, out);
    default:
      return narrow_to<std::uint32_t>(codes, out);
  }
}

std::span<std::uint8_t> as_bytes(std::span<std::byte> span) {
  return {reinterpret_cast<std::uint8_t*>(span.data()), span.size()};
}

}  // namespace

int code_bytes(int bits) { return bits <= 8 ? 1 : bits <= 16 ? 2 : 4; }

BandCast::BandCast(const DataLayout& layout, const QuantizeOptions& options, std::int64_t rows,
                   std::int64_t cols)
    : layout_(layout), options_(options), cols_(cols) {
  block_rows_ = layout.format.scale ? std::min(layout.block.rows, rows) : 1;
  const std::int64_t alone = layout.format.tensor_scale ? rows : block_rows_;
  const std::int64_t at_once =
      std::max<std::int64_t>(1, kBandElements / std::max(cols, std::int64_t{1}) / alone);
  band_rows_ = std::min(rows, alone * at_once);
  if (FastCast::supports(layout, options.rounding)) {
    fast_.emplace(layout, available_simd_levels().back());
  }
}

std::int64_t BandCast::blocks_above(std::int64_t row) const {
  if (!layout_.format.scale) return 0;
  return ceil_div(row, block_rows_) * ceil_div(cols_, layout_.block.cols);
}

void BandCast::run(std::int64_t row_begin, std::span<const float> band, const CastOutput& output,
                   std::span<const std::uint16_t> words) const {
  if (!fast_) return run_reference(row_begin, band, output, words);
  const std::int64_t rows = static_cast<std::int64_t>(band.size()) / cols_;
  fast_->run(band, rows, cols_, output.values, as_bytes(output.codes), as_bytes(output.scales));
}

void BandCast::run_reference(std::int64_t row_begin, std::span<const float> band,
                             const CastOutput& output, std::span<const std::uint16_t> words) const {
  const auto first = static_cast<std::size_t>(exact_mul(row_begin, cols_));
  QuantizeOptions options = options_;
  std::vector<std::uint16_t> drawn;
  if (!words.empty()) {
    options.random = words;
  } else if (!options.random.empty()) {
    options.random = options.random.subspan(first, band.size());
  } else if (options.rounding == Rounding::kStochastic) {
    const RandomWords drawn_words(options.seed);
    for (std::size_t i = 0; i < band.size(); ++i) drawn.push_back(drawn_words[first + i]);
    options.random = drawn;
  }
  const std::int64_t rows = static_cast<std::int64_t>(band.size()) / cols_;
  const QuantizedMatrix matrix = quantize(band, rows, cols_, layout_, options);
  narrow(matrix.codes, layout_.format.element_bits, output.codes);
  if (layout_.format.scale) narrow(matrix.scales, layout_.format.scale->bits, output.scales);
  if (!output.values.empty()) dequantize(matrix, output.values);
}

}  // namespace mxsim
