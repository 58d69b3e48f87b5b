#pragma once

#include "models/chip/chip_spec.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Whether the vectors in which an operand enters the array lie along rows of its stored matrix.
enum class VectorAxis : std::uint8_t { kAlongRows, kAcrossRows };

struct VectorAxes {
  VectorAxis left = VectorAxis::kAlongRows;
  VectorAxis right = VectorAxis::kAlongRows;
};

/// A vector of the left operand spans the reduction with `ws`, rows of the result with `os` and
/// `is`; one of the right operand spans columns of the result with `ws` and `os`, the reduction
/// with `is`.
VectorAxes vector_axes(Dataflow dataflow, const GemmWork& work);

}  // namespace mxsim
