#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/matrix_view.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// Index into OpList::tensors.
using TensorId = std::int32_t;

/// A matrix that a step reads: a stored tensor, or a result of an earlier step of its group, which
/// is still in FP32.
struct GroupRead {
  TensorId tensor = -1;
  std::int32_t value = -1;  ///< index into OpGroup::values; -1: the stored tensor
};

/// A result of a step and the tensors that it is stored in, each cast to its own layout.
struct GroupValue {
  MatrixView view;
  std::vector<TensorId> stored = {};
};

/// A step (step.h) as its group runs it.
struct GroupStep {
  std::string layer = {};  ///< of the trace; the group is named after its first step's
  std::string op = {};
  MatrixView grid = {};
  bool is_gemm = false;  ///< OpGroup::gemms, into the only write
  StepFunction function = {};
  std::vector<GroupRead> reads = {};
  std::vector<GroupRead> broadcasts = {};
  std::vector<std::int32_t> writes = {};  ///< indices into OpGroup::values
  std::vector<std::int32_t> sums = {};    ///< summed over the rows of the grid
};

}  // namespace mxsim
