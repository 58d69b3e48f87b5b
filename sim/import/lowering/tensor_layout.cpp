#include "sim/import/lowering/tensor_layout.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace mxsim {
namespace {

/// Cuts factor `f` into an outer part and the rest.
void cut_factor(TensorLayout& layout, std::vector<int>& rest, int f, std::int64_t outer) {
  const auto at = static_cast<std::size_t>(f);
  const std::int64_t inner = layout.factors[at] / outer;
  layout.factors[at] = outer;
  layout.factors.insert(layout.factors.begin() + f + 1, inner);
  const auto shift = [f](int& factor) {
    if (factor > f) ++factor;
  };
  for (std::vector<int>& axis : layout.axes) std::for_each(axis.begin(), axis.end(), shift);
  std::for_each(rest.begin(), rest.end(), shift);
  rest.insert(rest.begin() + 1, f + 1);
}

}  // namespace

std::int64_t TensorLayout::extent(std::size_t axis) const {
  std::int64_t product = 1;
  for (const int factor : axes[axis]) {
    if (factor != kBatchFactor) product *= factors[static_cast<std::size_t>(factor)];
  }
  return product;
}

bool TensorLayout::has_batch(std::size_t axis) const {
  return std::find(axes[axis].begin(), axes[axis].end(), kBatchFactor) != axes[axis].end();
}

TensorLayout plain_layout(const Shape& extents, std::int64_t batch) {
  TensorLayout layout;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    std::vector<int>& axis = layout.axes.emplace_back();
    std::int64_t extent = extents[i];
    if (i == 0 && batch > 1) {
      axis.push_back(kBatchFactor);
      extent /= batch;
    }
    if (extent == 1) continue;
    axis.push_back(static_cast<int>(layout.factors.size()));
    layout.factors.push_back(extent);
  }
  return layout;
}

std::vector<int> factor_order(const TensorLayout& layout, const std::vector<std::size_t>& axes) {
  std::vector<int> order;
  for (const std::size_t axis : axes) {
    for (const int factor : layout.axes[axis]) {
      if (factor != kBatchFactor) order.push_back(factor);
    }
  }
  return order;
}

bool lies_in_order(const TensorLayout& layout, const std::vector<std::size_t>& axes) {
  const std::vector<int> order = factor_order(layout, axes);
  return std::is_sorted(order.begin(), order.end());
}

bool is_image(const TensorLayout& layout) {
  const std::size_t rank = layout.axes.size();
  if (!layout.image || rank < 2 || rank > 4 || layout.extent(0) != 1) return false;
  if (layout.extent(1) != layout.shape[0]) return false;
  if (rank == 4 && layout.extent(2) != layout.shape[1]) return false;
  std::vector<std::size_t> order = all_axes(layout);
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return lies_in_order(layout, order);
}

std::vector<std::size_t> all_axes(const TensorLayout& layout) {
  std::vector<std::size_t> axes(layout.axes.size());
  std::iota(axes.begin(), axes.end(), std::size_t{0});
  return axes;
}

std::optional<TensorLayout> reshaped(const TensorLayout& layout, const Shape& extents,
                                     std::int64_t batch) {
  TensorLayout result = layout;
  std::vector<int> rest;
  for (const std::vector<int>& axis : layout.axes)
    rest.insert(rest.end(), axis.begin(), axis.end());
  result.axes.clear();
  for (const std::int64_t extent : extents) {
    std::vector<int> axis;
    std::int64_t needed = extent;
    while (needed > 1) {
      if (rest.empty()) return std::nullopt;
      const int factor = rest.front();
      const std::int64_t has =
          factor == kBatchFactor ? batch : result.factors[static_cast<std::size_t>(factor)];
      if (needed % has != 0) {
        if (factor == kBatchFactor || has % needed != 0) return std::nullopt;
        cut_factor(result, rest, factor, needed);
        for (int& each : axis) each += each > factor ? 1 : 0;
        continue;
      }
      axis.push_back(factor);
      rest.erase(rest.begin());
      needed /= has;
    }
    result.axes.push_back(std::move(axis));
  }
  if (!rest.empty()) return std::nullopt;
  return result;
}

TensorLayout simplified(const TensorLayout& layout) {
  // A factor joins its predecessor in DRAM when it follows it in the same axis.
  std::vector<bool> joins(layout.factors.size(), false);
  for (const std::vector<int>& axis : layout.axes) {
    for (std::size_t i = 1; i < axis.size(); ++i) {
      if (axis[i - 1] != kBatchFactor && axis[i] == axis[i - 1] + 1) {
        joins[static_cast<std::size_t>(axis[i])] = true;
      }
    }
  }
  TensorLayout result = layout;
  result.factors.clear();
  std::vector<int> number;
  for (std::size_t f = 0; f < layout.factors.size(); ++f) {
    if (joins[f]) {
      result.factors.back() *= layout.factors[f];
    } else {
      result.factors.push_back(layout.factors[f]);
    }
    number.push_back(static_cast<int>(result.factors.size()) - 1);
  }
  for (std::vector<int>& axis : result.axes) {
    std::vector<int> kept;
    for (const int factor : axis) {
      if (factor == kBatchFactor) {
        kept.push_back(factor);
      } else if (!joins[static_cast<std::size_t>(factor)]) {
        kept.push_back(number[static_cast<std::size_t>(factor)]);
      }
    }
    axis = std::move(kept);
  }
  return result;
}

}  // namespace mxsim
