#include "models/workload/kinds/axis_map.h"

#include <algorithm>
#include <utility>

namespace mxsim {
namespace {

/// Parameters of a mapped step. `extents`: number of axes, extents of the result, then for each
/// axis where the taps of its places begin (and past the last); `strides`: of each tap, elements
/// from the first of the input; `constants`: filling, then the weight of each tap.
class MappedElements {
 public:
  explicit MappedElements(const StepParameters& p)
      : parameters_(p), rank_(static_cast<std::size_t>(p.extents[0])) {
    std::size_t at = 1 + rank_;
    for (std::size_t axis = 0; axis < rank_; ++axis) {
      begins_.push_back(at);
      at += static_cast<std::size_t>(extent(axis)) + 1;
    }
    coordinates_.resize(rank_);
  }

  void move_to(std::int64_t element) {
    for (std::size_t axis = rank_; axis-- > 0; element /= extent(axis)) {
      coordinates_[axis] = element % extent(axis);
    }
  }

  template <class T>
  T value(const T* x) const {
    for (std::size_t axis = 0; axis < rank_; ++axis) {
      const auto [first, past] = taps(axis);
      if (first == past) return T(parameters_.constants[0]);
    }
    return sum(x, 0, T(1));
  }

 private:
  std::int64_t extent(std::size_t axis) const { return parameters_.extents[1 + axis]; }
  std::pair<std::int64_t, std::int64_t> taps(std::size_t axis) const {
    const std::size_t at = begins_[axis] + static_cast<std::size_t>(coordinates_[axis]);
    return {parameters_.extents[at], parameters_.extents[at + 1]};
  }

  template <class T>
  T sum(const T* x, std::size_t axis, T weight) const {
    if (axis == rank_) return weight * *x;
    const auto [first, past] = taps(axis);
    T all = 0;
    for (std::int64_t tap = first; tap < past; ++tap) {
      const auto at = static_cast<std::size_t>(tap);
      all += sum(x + parameters_.strides[at], axis + 1, weight * T(parameters_.constants[1 + at]));
    }
    return all;
  }

  const StepParameters& parameters_;
  std::size_t rank_;
  std::vector<std::size_t> begins_;
  std::vector<std::int64_t> coordinates_;
};

struct MappedKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    MappedElements elements(data.parameters);
    for (std::int64_t i = begin * data.grid.cols; i < end * data.grid.cols; ++i) {
      elements.move_to(i);
      data.writes[0].data[i] = elements.value(data.reads[0].data);
    }
  }
};

}  // namespace

AxisMap strided_axis(std::int64_t count, std::int64_t begin, std::int64_t step) {
  AxisMap map;
  for (std::int64_t i = 0; i < count; ++i) map.push_back({{begin + i * step, 1.0}});
  return map;
}

AxisMap gradient_map(const AxisMap& map, std::int64_t input_extent) {
  AxisMap back(static_cast<std::size_t>(input_extent));
  for (std::size_t i = 0; i < map.size(); ++i) {
    for (const AxisTap& tap : map[i]) {
      back[static_cast<std::size_t>(tap.place)].push_back(
          {static_cast<std::int64_t>(i), tap.weight});
    }
  }
  return back;
}

Shape dram_order(const Shape& shape) {
  Shape order = shape;
  if (order.size() == 4) std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return order;
}

std::vector<AxisMap> dram_order(std::vector<AxisMap> maps) {
  if (maps.size() == 4) std::rotate(maps.begin() + 1, maps.begin() + 2, maps.end());
  return maps;
}

StepFunction mapped(const std::vector<AxisMap>& maps, const Shape& input, double filling) {
  StepParameters parameters;
  parameters.constants = {filling};
  parameters.extents = {static_cast<std::int64_t>(maps.size())};
  for (const AxisMap& map : maps) {
    parameters.extents.push_back(static_cast<std::int64_t>(map.size()));
  }
  std::int64_t stride = elements(input);
  for (std::size_t axis = 0; axis < maps.size(); ++axis) {
    stride /= input[axis];
    for (const std::vector<AxisTap>& taps : maps[axis]) {
      parameters.extents.push_back(static_cast<std::int64_t>(parameters.strides.size()));
      for (const AxisTap& tap : taps) {
        parameters.strides.push_back(tap.place * stride);
        parameters.constants.push_back(tap.weight);
      }
    }
    parameters.extents.push_back(static_cast<std::int64_t>(parameters.strides.size()));
  }
  return step_function<MappedKernel>(std::move(parameters));
}

}  // namespace mxsim
