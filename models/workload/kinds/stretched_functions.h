#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/workload/kinds/axis_map.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// Places of operands whose extents of one are stretched to those of `extents`. `strides` hold, one
/// operand after another, the elements between neighbours along each axis: 0 along a stretched one.
class StretchedPlaces {
 public:
  StretchedPlaces(const std::vector<std::int64_t>& extents,
                  const std::vector<std::int64_t>& strides)
      : extents_(extents), strides_(strides) {}

  std::int64_t of(std::size_t operand, std::int64_t element) const {
    const std::size_t rank = extents_.size();
    std::int64_t place = 0;
    for (std::size_t axis = rank; axis-- > 0; element /= extents_[axis]) {
      place += element % extents_[axis] * strides_[operand * rank + axis];
    }
    return place;
  }

 private:
  const std::vector<std::int64_t>& extents_;
  const std::vector<std::int64_t>& strides_;
};

/// Shapes batch first; all of the rank of `whole`.
inline StepParameters stretched_parameters(const Shape& whole, const std::vector<Shape>& operands) {
  StepParameters parameters;
  parameters.extents = dram_order(whole);
  for (const Shape& operand : operands) {
    const Shape extents = dram_order(operand);
    std::vector<std::int64_t> strides(extents.size(), 0);
    std::int64_t stride = 1;
    for (std::size_t axis = extents.size(); axis-- > 0; stride *= extents[axis]) {
      if (extents[axis] > 1) strides[axis] = stride;
    }
    parameters.strides.insert(parameters.strides.end(), strides.begin(), strides.end());
  }
  return parameters;
}

namespace stretched {

/// Operand `index` of the reads, then the broadcasts.
template <class T>
const T* operand(const StepData<T>& data, std::size_t index) {
  const std::size_t reads = data.reads.size();
  return index < reads ? data.reads[index].data : data.broadcasts[index - reads].data;
}

template <class F, class T>
T apply(const StepData<T>& data, const StretchedPlaces& places, std::int64_t element) {
  const auto at = [&](std::size_t i) { return operand(data, i)[places.of(i, element)]; };
  if constexpr (std::is_invocable_v<F, T, T, T>) {
    return F{}(at(0), at(1), at(2));
  } else if constexpr (std::is_invocable_v<F, T, T>) {
    return F{}(at(0), at(1));
  } else {
    return F{}(at(0));
  }
}

}  // namespace stretched

/// Element i of the result is F(the element of every operand that it is stretched over).
template <class F>
struct StretchedKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const StretchedPlaces places(data.parameters.extents, data.parameters.strides);
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      data.writes[0].data[i] = stretched::apply<F, T>(data, places, i);
    }
  }
};

/// The gradient of a stretched operand: the sum of F over all elements that it was stretched over,
/// in their order. The strides of the result come last.
template <class F>
struct StretchedSumKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const StepParameters& p = data.parameters;
    const StretchedPlaces places(p.extents, p.strides);
    const std::size_t result = p.strides.size() / p.extents.size() - 1;
    const std::int64_t first = begin * data.grid.cols;
    const std::int64_t past = end * data.grid.cols;
    std::fill(data.writes[0].data + first, data.writes[0].data + past, T(0));
    std::int64_t all = 1;
    for (const std::int64_t extent : p.extents) all *= extent;
    for (std::int64_t i = 0; i < all; ++i) {
      const std::int64_t to = places.of(result, i);
      if (to < first || to >= past) continue;
      data.writes[0].data[to] += stretched::apply<F, T>(data, places, i);
    }
  }
};

/// Adds F of every element of the grid to the element of the first sum that was stretched over it.
/// The strides of the sum come last.
template <class F>
struct StretchedAddKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const StepParameters& p = data.parameters;
    const StretchedPlaces places(p.extents, p.strides);
    const std::size_t result = p.strides.size() / p.extents.size() - 1;
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      data.sums[0].data[places.of(result, i)] += stretched::apply<F, T>(data, places, i);
    }
  }
};

}  // namespace mxsim
