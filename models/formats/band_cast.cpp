#include "models/formats/band_cast.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "models/core/error.h"
#include "models/core/shape.h"
#include "models/core/units.h"
#include "models/formats/dequantize.h"
#include "models/formats/random_words.h"

namespace mxsim {
namespace {

constexpr std::int64_t kBandElements = 1 << 17;

template <class T, class Code>
void narrow_to(const std::vector<Code>& codes, std::span<std::byte> out) {
  ensure(out.size() == codes.size() * sizeof(T), "BandCast: one code an element or block");
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto code = static_cast<T>(codes[i]);
    std::memcpy(out.data() + i * sizeof(T), &code, sizeof(T));
  }
}

template <class Code>
void narrow(const std::vector<Code>& codes, const std::optional<PartLayout>& layout,
            std::span<std::byte> out) {
  if (out.empty()) return;
  ensure(layout.has_value(), "BandCast: a part that the format lacks");
  switch (code_bytes(layout->bits)) {
    case 1:
      return narrow_to<std::uint8_t>(codes, out);
    case 2:
      return narrow_to<std::uint16_t>(codes, out);
    default:
      return narrow_to<std::uint32_t>(codes, out);
  }
}

void store(const QuantizedMatrix& matrix, EncodingPart part, std::span<std::byte> out) {
  const auto layout = part_layout(matrix.layout(), part);
  switch (part) {
    case EncodingPart::kCodes:
      return narrow(matrix.codes, layout, out);
    case EncodingPart::kScales:
      return narrow(matrix.scales, layout, out);
    case EncodingPart::kZeroPoints:
      return narrow(matrix.zero_points, layout, out);
    case EncodingPart::kOffsets:
      return narrow(matrix.offsets, layout, out);
  }
}

std::span<std::uint8_t> as_bytes(std::span<std::byte> span) {
  return {reinterpret_cast<std::uint8_t*>(span.data()), span.size()};
}

}  // namespace

BandCast::BandCast(const DataLayout& layout, const QuantizeOptions& options, std::int64_t rows,
                   std::int64_t cols)
    : layout_(layout), options_(options), cols_(cols) {
  options_.rounding = rounding_in(layout.format, options.rounding);
  const std::int64_t block_rows = layout.format.scale ? std::min(layout.block.rows, rows) : 1;
  const std::int64_t alone = layout.format.tensor_scale ? rows : block_rows;
  const std::int64_t at_once =
      std::max<std::int64_t>(1, kBandElements / std::max(cols, std::int64_t{1}) / alone);
  band_rows_ = std::min(rows, alone * at_once);
  if (FastCast::supports(layout, options_.rounding)) {
    fast_.emplace(layout, options_.rounding, available_simd_levels().back());
  }
}

std::int64_t BandCast::bytes_above(std::int64_t row, EncodingPart part) const {
  const auto layout = part_layout(layout_, part);
  return layout ? layout->bytes(row, cols_) : 0;
}

double BandCast::run(std::int64_t row_begin, std::span<const float> band, const CastOutput& output,
                     std::span<const std::uint16_t> words) const {
  if (!fast_) return run_reference(row_begin, band, output, words);
  const std::int64_t rows = static_cast<std::int64_t>(band.size()) / cols_;
  const auto& [codes, scales, zero_points, offsets] = output.parts;
  ensure(zero_points.empty() && offsets.empty(), "BandCast: a part that the format lacks");
  fast_->run(band, rows, cols_, output.values, as_bytes(codes), as_bytes(scales));
  return 1;
}

double BandCast::run_reference(std::int64_t row_begin, std::span<const float> band,
                               const CastOutput& output,
                               std::span<const std::uint16_t> words) const {
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
  for (std::size_t i = 0; i < output.parts.size(); ++i) {
    store(matrix, kEncodingParts[i], output.parts[i]);
  }
  if (!output.values.empty()) dequantize(matrix, output.values);
  return matrix.tensor_scale;
}

}  // namespace mxsim
