#pragma once

#include <cstdint>
#include <vector>

#include "models/ptq/row_matrix.h"
#include "models/values/step_executor.h"

namespace mxsim {

/// The GEMM by which a group multiplies its layer's own weights, or nullptr: of another kind of
/// group, of weights that belong to another layer or are read by columns.
const GemmWork* weight_gemm(const OpList& ops, const OpGroup& group);

/// The inputs of a weight GEMM as its PEs get them, before its group runs.
class GemmInputs {
 public:
  /// `group` has the weight GEMM `work`; both belong to the executor.
  GemmInputs(StepExecutor& executor, const OpGroup& group, const GemmWork& work, Workers& workers);

  /// Rows begin .. begin + count - 1 (positions) x reduction of a group; padding is zero.
  RowMatrix rows(std::int64_t group, std::int64_t begin, std::int64_t count) const;

 private:
  const GemmWork& work_;
  GridSize grid_;
  std::int64_t cols_;
  std::vector<float> values_;
};

}  // namespace mxsim
