#include "models/formats/dequantize.h"

#include "models/core/error.h"
#include "models/formats/region.h"

namespace mxsim {
namespace {

/// Values of all codes; empty where drawing them up costs more than it saves.
std::vector<float> value_table(const ElementCodec& codec, std::size_t elements) {
  const int bits = codec.spec().bits;
  if (bits > 16 || (bits > 8 && elements < std::size_t{1} << bits)) return {};
  std::vector<float> table(std::size_t{1} << bits);
  for (std::size_t code = 0; code < table.size(); ++code) {
    table[code] = static_cast<float>(codec.decode(static_cast<std::uint32_t>(code)));
  }
  return table;
}

template <class Code>
class Dequantizer {
 public:
  Dequantizer(const BlockScales& scales, std::span<const Code> codes, std::span<float> values)
      : scales_(scales),
        codes_(codes),
        values_(values),
        codec_(scales.layout().format.element),
        table_(value_table(codec_, codes.size())) {}

  /// All elements of the region have one scale.
  void run(const Region& region) {
    const double scale = scales_.scale_value(region.row_begin, region.col_begin);
    const std::uint32_t zero = scales_.zero_point(region.row_begin, region.col_begin);
    const auto narrow = static_cast<float>(scale);
    // Both factors are float32: the product rounds once, as it does from double.
    if (!table_.empty() && zero == 0 && static_cast<double>(narrow) == scale) {
      const float* const table = table_.data();
      each(region, [table, narrow](Code code) { return table[code] * narrow; });
    } else {
      each(region, [&](Code code) {
        const double element = table_.empty() ? codec_.decode(code) : table_[code];
        return static_cast<float>((element - zero) * scale);
      });
    }
  }

 private:
  template <class Value>
  void each(const Region& region, Value value) {
    const std::int64_t width = region.col_end - region.col_begin;
    for (std::int64_t row = region.row_begin; row < region.row_end; ++row) {
      const std::int64_t at = row * scales_.cols() + region.col_begin;
      const Code* __restrict const codes = codes_.data() + at;
      float* __restrict const values = values_.data() + at;
      for (std::int64_t i = 0; i < width; ++i) values[i] = value(codes[i]);
    }
  }

  const BlockScales& scales_;
  std::span<const Code> codes_;
  std::span<float> values_;
  ElementCodec codec_;
  std::vector<float> table_;
};

}  // namespace

template <class Code>
void dequantize(const BlockScales& scales, std::span<const Code> codes, std::span<float> values) {
  ensure(values.size() == codes.size(), "dequantize: one value an element");
  if (values.empty()) return;
  const DataLayout& layout = scales.layout();
  BlockShape shape{1, kWholeAxis};
  if (layout.format.scale) {
    shape = layout.format.offsets ? layout.format.offsets->shape : layout.block;
  }
  Dequantizer<Code> dequantizer(scales, codes, values);
  const Region whole{0, scales.rows(), 0, scales.cols()};
  whole.for_each_piece(shape, [&](const Region& piece) { dequantizer.run(piece); });
}

template void dequantize(const BlockScales&, std::span<const std::uint8_t>, std::span<float>);
template void dequantize(const BlockScales&, std::span<const std::uint16_t>, std::span<float>);
template void dequantize(const BlockScales&, std::span<const std::uint32_t>, std::span<float>);

void dequantize(const QuantizedMatrix& matrix, std::span<float> values) {
  dequantize<std::uint32_t>(matrix, matrix.codes, values);
}

std::vector<float> dequantize(const QuantizedMatrix& matrix) {
  std::vector<float> values(matrix.codes.size());
  dequantize(matrix, values);
  return values;
}

}  // namespace mxsim
