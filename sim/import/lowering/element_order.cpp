#include "sim/import/lowering/element_order.h"

namespace mxsim {
namespace {

/// For each element of the file's tensor: its place in the trace's.
std::vector<std::size_t> places(const Shape& shape, const TensorLayout& layout,
                                std::int64_t batch) {
  std::int64_t all = 1;
  std::vector<std::int64_t> strides(layout.factors.size());
  for (std::size_t f = layout.factors.size(); f-- > 0;) {
    strides[f] = all;
    all *= layout.factors[f];
  }
  std::vector<std::size_t> places;
  const std::int64_t count = elements(shape);
  places.reserve(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i;
    std::int64_t place = 0;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      std::int64_t coordinate = rest % shape[axis];
      rest /= shape[axis];
      const std::vector<int>& factors = layout.axes[axis];
      for (std::size_t f = factors.size(); f-- > 0;) {
        const bool is_batch = factors[f] == kBatchFactor;
        const std::int64_t extent =
            is_batch ? batch : layout.factors[static_cast<std::size_t>(factors[f])];
        place +=
            coordinate % extent * (is_batch ? all : strides[static_cast<std::size_t>(factors[f])]);
        coordinate /= extent;
      }
    }
    places.push_back(static_cast<std::size_t>(place));
  }
  return places;
}

}  // namespace

std::vector<float> to_trace_order(const std::vector<float>& values, const Shape& shape,
                                  const TensorLayout& layout, std::int64_t batch) {
  std::vector<float> arranged(values.size());
  const std::vector<std::size_t> to = places(shape, layout, batch);
  for (std::size_t i = 0; i < values.size(); ++i) arranged.at(to[i]) = values[i];
  return arranged;
}

std::vector<float> to_file_order(const std::vector<float>& values, const Shape& shape,
                                 const TensorLayout& layout, std::int64_t batch) {
  std::vector<float> arranged(values.size());
  const std::vector<std::size_t> from = places(shape, layout, batch);
  for (std::size_t i = 0; i < from.size(); ++i) arranged.at(i) = values.at(from[i]);
  return arranged;
}

std::vector<float> stretched_order(const std::vector<float>& values, const Shape& shape,
                                   const TensorLayout& layout) {
  TensorLayout own = layout;
  std::vector<bool> met(layout.factors.size(), false);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    for (const int factor : layout.axes[axis]) {
      if (factor != kBatchFactor && shape[axis] != 1) met[static_cast<std::size_t>(factor)] = true;
    }
    if (shape[axis] == 1) own.axes[axis].clear();
  }
  own.factors.clear();
  std::vector<int> number(met.size(), -1);
  for (std::size_t f = 0; f < met.size(); ++f) {
    if (!met[f]) continue;
    number[f] = static_cast<int>(own.factors.size());
    own.factors.push_back(layout.factors[f]);
  }
  for (std::vector<int>& axis : own.axes) {
    for (int& factor : axis) {
      if (factor != kBatchFactor) factor = number[static_cast<std::size_t>(factor)];
    }
  }
  return to_trace_order(values, shape, own, 1);
}

std::vector<float> permuted(const std::vector<float>& values, const Shape& shape,
                            const std::vector<std::size_t>& order) {
  std::vector<float> result(values.size());
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t stride = 1;
  for (std::size_t axis = shape.size(); axis-- > 0; stride *= shape[axis]) strides[axis] = stride;
  for (std::size_t i = 0; i < result.size(); ++i) {
    auto rest = static_cast<std::int64_t>(i);
    std::int64_t from = 0;
    for (std::size_t axis = order.size(); axis-- > 0;) {
      from += rest % shape[order[axis]] * strides[order[axis]];
      rest /= shape[order[axis]];
    }
    result[i] = values[static_cast<std::size_t>(from)];
  }
  return result;
}

}  // namespace mxsim
