#include "models/mapping/tiles/operand_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "models/arithmetic/operands.h"
#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

double seeded_value(TensorRole role, const CounterRng& rng, const CounterRng& exponents,
                    std::uint64_t i) {
  const double normal = rng.normal(i);
  switch (role) {
    case TensorRole::kActivation:
      return std::max(0.0, normal);
    case TensorRole::kWeight:
    case TensorRole::kMasterWeight:
      return normal * 0x1p-4;
    case TensorRole::kGradient:
    case TensorRole::kWeightGradient:
      return std::ldexp(normal, -5 - static_cast<int>(exponents.bits(i) % 16));
    case TensorRole::kOptimizerState:
    case TensorRole::kStatistic:
      return normal;
  }
  return normal;
}

/// Input position of output p and tap t, or nothing in the padding: -1.
std::int64_t input_position(const WindowAxis& axis, std::int64_t p, std::int64_t t) {
  const std::int64_t position = p * axis.stride + t * axis.dilation - axis.pad;
  return position >= 0 && position < axis.in ? position : -1;
}

/// Coordinates of the window's elements: position p of the tile and weight row (tap, channel).
class Window {
 public:
  Window(const GemmWork& work, const GemmTile& tile)
      : work_(work),
        tile_(tile),
        left_(group_place(work, work.a_groups, tile)),
        right_(group_place(work, work.b_groups, tile)) {}

  struct Position {
    std::int64_t image, y, x;
  };
  Position position(std::int64_t index) const {
    const std::int64_t row = index / tile_.w.count;
    return {tile_.images.start + row / tile_.h.count, tile_.h.start + row % tile_.h.count,
            tile_.w.start + index % tile_.w.count};
  }
  /// Row of the left tensor, -1 in the padding.
  std::int64_t left_row(std::int64_t index, std::int64_t tap) const {
    const Position p = position(index);
    const std::int64_t y = input_position(work_.h, p.y, tap / work_.w.taps);
    const std::int64_t x = input_position(work_.w, p.x, tap % work_.w.taps);
    const std::int64_t image = image_row(work_.a_images, left_, p.image);
    return y < 0 || x < 0 ? -1 : work_.first_row + (image * work_.h.in + y) * work_.w.in + x;
  }
  std::int64_t left_column(std::int64_t index, std::int64_t channel) const {
    return image_column(work_.a_images, left_, position(index).image) * work_.channels + channel;
  }
  /// Row of a right operand with one row an output position.
  std::int64_t output_row(std::int64_t index) const {
    const Position p = position(index);
    const std::int64_t image = image_row(work_.b_images, right_, p.image);
    return work_.first_row + (image * work_.h.out + p.y) * work_.w.out + p.x;
  }
  /// Column of such a right operand.
  std::int64_t output_column(std::int64_t index, std::int64_t column) const {
    return image_column(work_.b_images, right_, position(index).image) * work_.n + column;
  }
  /// Column `column` of `size` in the tile's group of the right operand.
  std::int64_t right_column(std::int64_t column, std::int64_t size) const {
    return right_.cols * size + column;
  }
  /// Tap in the stored weight tensor.
  std::int64_t stored_tap(std::int64_t tap) const {
    const std::int64_t y = work_.h.tap_start + tap / work_.w.taps * work_.h.tap_step;
    const std::int64_t x = work_.w.tap_start + tap % work_.w.taps * work_.w.tap_step;
    const std::int64_t matrix = work_.first_matrix + right_.rows;
    return (matrix * work_.h.kernel + y) * work_.w.kernel + x;
  }

 private:
  std::int64_t image_row(GroupAxis images, GroupPlace place, std::int64_t image) const {
    return images == GroupAxis::kRows ? place.rows * work_.images + image : place.rows;
  }
  std::int64_t image_column(GroupAxis images, GroupPlace place, std::int64_t image) const {
    return images == GroupAxis::kRows ? place.cols : place.cols * work_.images + image;
  }

  const GemmWork& work_;
  const GemmTile& tile_;
  GroupPlace left_;
  GroupPlace right_;
};

/// Tap of the window that row `weight_row` of the tile's weights belongs to.
std::int64_t tap_of(const GemmTile& tile, std::int64_t weight_row) {
  return tile.taps.start + weight_row / tile.channels.count;
}

ArrayOperand left_element(const OperandMatrix& matrix, const Window& window, const GemmTile& tile,
                          std::int64_t position, std::int64_t weight_row) {
  const std::int64_t row = window.left_row(position, tap_of(tile, weight_row));
  if (row < 0) return matrix.decoder.zero();
  const std::int64_t channel = tile.channels.start + weight_row % tile.channels.count;
  return matrix.at(row, window.left_column(position, channel));
}

ArrayOperand right_element(const OperandMatrix& matrix, const Window& window, const GemmWork& work,
                           const GemmTile& tile, std::int64_t k, std::int64_t n) {
  const std::int64_t column = tile.n.start + n;
  if (work.kind == GemmKind::kWeightGradient) {
    return matrix.at(window.output_row(k), window.output_column(k, column));
  }
  const std::int64_t tap = window.stored_tap(tap_of(tile, k));
  const std::int64_t channel = tile.channels.start + k % tile.channels.count;
  const std::int64_t block = column / work.block_n();
  // Beside the diagonal: a zero under the scale of the column's own block.
  const std::int64_t in_block = channel % work.block_channels();
  const std::int64_t own = block * work.block_channels() + in_block;
  const bool transposed = work.b_orientation == Orientation::kTransposed;
  ArrayOperand element = transposed ? matrix.at(tap * work.block_n() + column % work.block_n(),
                                                window.right_column(own, work.channels))
                                    : matrix.at(tap * work.block_channels() + in_block,
                                                window.right_column(column, work.n));
  if (own != channel) element.code = matrix.decoder.zero().code;
  return element;
}

}  // namespace

std::string value_name(const StoredTensor& tensor) {
  return tensor.name.substr(0, tensor.name.find('@'));
}

void OperandData::give(const std::string& value, std::vector<float> values) {
  given_[value] = std::move(values);
}

std::vector<float> OperandData::values_of(const StoredTensor& tensor) const {
  const auto given = given_.find(value_name(tensor));
  if (given == given_.end()) return seeded_values(tensor, seed_);
  const std::int64_t rows = tensor.value_rows > 0 ? tensor.value_rows : tensor.rows;
  ensure(static_cast<std::int64_t>(given->second.size()) == rows * tensor.cols,
         "given operand values of another size");
  const auto first = given->second.begin() + tensor.first_row * tensor.cols;
  return {first, first + tensor.rows * tensor.cols};
}

std::vector<float> seeded_values(const StoredTensor& tensor, std::uint64_t seed) {
  const std::string name = value_name(tensor);
  const CounterRng rng(seed, name);
  const CounterRng exponents(seed, name + "/exponent");
  std::vector<float> values(static_cast<std::size_t>(tensor.rows * tensor.cols));
  const auto first = static_cast<std::uint64_t>(tensor.first_row * tensor.cols);
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(seeded_value(tensor.role, rng, exponents, first + i));
  }
  return values;
}

const OperandMatrix& OperandData::matrix(TensorId id, const DataLayout& layout) {
  const std::string key =
      fmt::format("{}:{}x{}", layout.format.name, layout.block.rows, layout.block.cols);
  const auto found = matrices_.find({id, key});
  if (found != matrices_.end()) return found->second;
  const StoredTensor& tensor = ops_.tensors.at(static_cast<std::size_t>(id));
  const QuantizedMatrix quantized = quantize(values_of(tensor), tensor.rows, tensor.cols, layout);
  return matrices_
      .emplace(std::pair(id, key),
               OperandMatrix{tensor.cols, array_operands(quantized), OperandDecoder(layout.format)})
      .first->second;
}

namespace {

/// Gives every element in the padding of a row the scale of the element before it, the first ones
/// that of the first element stored: exact sums end as WindowPieces says.
void carry_scales(std::vector<ArrayOperand>& row, const std::vector<bool>& is_padding) {
  const auto first = std::find(is_padding.begin(), is_padding.end(), false);
  if (first == is_padding.end()) return;
  float scale = row[static_cast<std::size_t>(first - is_padding.begin())].scale;
  for (std::size_t k = 0; k < row.size(); ++k) {
    if (is_padding[k]) {
      row[k].scale = scale;
    } else {
      scale = row[k].scale;
    }
  }
}

}  // namespace

OperandData::Tile OperandData::gather(const GemmWork& work, const GemmTile& tile) {
  const OperandMatrix& left = matrix(work.a, {work.format_a, work.block_a});
  const OperandMatrix& right = matrix(work.b, {work.format_b, work.block_b});
  return gather_operands(left, right, work, tile);
}

TileOperands gather_operands(const OperandMatrix& left, const OperandMatrix& right,
                             const GemmWork& work, const GemmTile& tile) {
  const GemmExtents size = extents(work, tile);
  const Window window(work, tile);
  const bool window_gemm = work.kind == GemmKind::kWindow;
  TileOperands operands;
  operands.a_decoder = &left.decoder;
  operands.b_decoder = &right.decoder;
  operands.a.reserve(static_cast<std::size_t>(size.m * size.k));
  operands.b.reserve(static_cast<std::size_t>(size.k * size.n));
  std::vector<ArrayOperand> row(static_cast<std::size_t>(size.k));
  std::vector<bool> is_padding(row.size());
  for (std::int64_t m = 0; m < size.m; ++m) {
    for (std::int64_t k = 0; k < size.k; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const std::int64_t position = window_gemm ? m : k;
      const std::int64_t weight_row = window_gemm ? k : m;
      row[at] = left_element(left, window, tile, position, weight_row);
      is_padding[at] = window.left_row(position, tap_of(tile, weight_row)) < 0;
    }
    carry_scales(row, is_padding);
    operands.a.insert(operands.a.end(), row.begin(), row.end());
  }
  for (std::int64_t k = 0; k < size.k; ++k) {
    for (std::int64_t n = 0; n < size.n; ++n) {
      operands.b.push_back(right_element(right, window, work, tile, k, n));
    }
  }
  return operands;
}

}  // namespace mxsim
