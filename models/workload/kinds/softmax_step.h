#pragma once

#include "models/workload/step_builder.h"

namespace mxsim {

/// What a softmax does beside the exponentials.
struct SoftmaxForm {
  bool scaled = false;  ///< inputs are multiplied by a constant first
  bool masked = false;  ///< some columns are left out
};

/// Softmax of each row; a row stays on chip between its sweeps; to be emitted. FP32 operations
///   forward    an element 1 compare (maximum), 2 add (subtract it, sum), 1 exp, 1 mul (by the
///              reciprocal of the sum), scaled 1 mul more, masked 1 compare more; a row 1 divide
///   backward   an element 2 mul, 2 add: dx = y (dy - sum(y dy)), scaled 1 mul more
Step softmax_forward(ValueId from, ValueId to, SoftmaxForm form, const StepBuilder& steps);
Step softmax_backward(ValueId result, ValueId above, ValueId gradient, SoftmaxForm form,
                      const StepBuilder& steps);

}  // namespace mxsim
