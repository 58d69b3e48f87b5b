#pragma once

#include <array>

#include "models/workload/layer_kind.h"

namespace mxsim {

/// Stands for a number that a trace does not state.
inline constexpr std::int64_t kUnstated = -kLargestExtent;

/// The attribute of kinds whose trace states the output's extents, without the batch.
inline constexpr std::array<AttributeSpec, 1> kOutputShape{
    {{"shape", AttributeForm::kList, {}, 1, kLargestExtent, "extents of the output"}}};

/// That shape, batch first.
inline Shape output_shape(const ShapedLayer& layer) {
  Shape shape = layer.attributes.list("shape");
  shape.insert(shape.begin(), layer.input_shapes[0][0]);
  return shape;
}

}  // namespace mxsim
