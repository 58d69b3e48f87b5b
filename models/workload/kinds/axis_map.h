#pragma once

#include <cstdint>
#include <vector>

#include "models/core/shape.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// An element of the input, by its place along one axis, and what it is weighed with.
struct AxisTap {
  std::int64_t place = 0;
  double weight = 1;
};

/// Of every place along one axis of a result: the places of the input that it is made of.
using AxisMap = std::vector<std::vector<AxisTap>>;

/// Places begin, begin + step, ... of the input.
AxisMap strided_axis(std::int64_t count, std::int64_t begin = 0, std::int64_t step = 1);

/// The map of the gradient: which results each place of the input has a part in.
AxisMap gradient_map(const AxisMap& map, std::int64_t input_extent);

/// Extents of a tensor (batch first) in the order in which DRAM holds them: channels of an image
/// last. And the same of maps of its axes.
Shape dram_order(const Shape& shape);
std::vector<AxisMap> dram_order(std::vector<AxisMap> maps);

/// Elements that are weighted sums of elements of the first read, axis by axis: the weight of an
/// element is the product of its weights along all axes, and summands are added in the order of the
/// taps, innermost axis first. Where an axis has no tap the element is `filling`. Maps and extents
/// of the input are in the order of DRAM.
StepFunction mapped(const std::vector<AxisMap>& maps, const Shape& input, double filling);

}  // namespace mxsim
