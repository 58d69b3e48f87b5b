#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/core/shape.h"

namespace mxsim {

/// Stands for the batch among the factors of an axis.
inline constexpr int kBatchFactor = -1;

/// Where the elements of a network file's tensor lie: a tensor of the trace, its extents in the
/// order of DRAM as `factors` (without the batch and extents of one), and for each axis of the
/// file's tensor the factors it is made of, outermost first. Reshapes and transpositions change the
/// axes alone; elements move when an operator needs another order.
struct TensorLayout {
  std::string tensor;
  Shape shape;         ///< of the trace's tensor, without the batch
  bool image = false;  ///< shape is channels, height, width; DRAM holds height, width, channels
  std::vector<std::int64_t> factors;
  std::vector<std::vector<int>> axes;

  /// Extent of an axis without the batch.
  std::int64_t extent(std::size_t axis) const;
  bool has_batch(std::size_t axis) const;
  /// Columns of the trace's tensor as a matrix.
  std::int64_t columns() const { return image ? shape.front() : shape.back(); }
};

/// The layout of a tensor whose elements lie in the order of its axes. `batch`: extent that the
/// first axis divides by (1: it has no batch).
TensorLayout plain_layout(const Shape& extents, std::int64_t batch);

/// Factors of the axes in that order, the batch left out.
std::vector<int> factor_order(const TensorLayout& layout, const std::vector<std::size_t>& axes);

/// Whether elements lie in that order of the axes.
bool lies_in_order(const TensorLayout& layout, const std::vector<std::size_t>& axes);

/// Whether it is an image of the axes 1, 2 and 3, the axis 0 being the batch.
bool is_image(const TensorLayout& layout);

/// The axes numbered 0, 1, ...
std::vector<std::size_t> all_axes(const TensorLayout& layout);

/// The same elements with axes of other extents; nothing where an axis would cut a factor unevenly.
std::optional<TensorLayout> reshaped(const TensorLayout& layout, const Shape& extents,
                                     std::int64_t batch);

/// Neighbouring factors of an axis as one.
TensorLayout simplified(const TensorLayout& layout);

}  // namespace mxsim
