#pragma once

#include <optional>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/core/pass.h"
#include "models/mapping/tiles/gemm_tile.h"
#include "models/values/stored_matrix.h"
#include "models/values/workers.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// A stored matrix as whole numbers of steps under power-of-two scales.
struct ExactMatrix {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<float> steps;   ///< of each element
  std::vector<float> scales;  ///< of each element's block
  double smallest_step = 1;
  double largest = 0;  ///< magnitude of any `steps`
};

/// Nothing where an element is no number of steps (NaN, infinity) or a scale is no power of two.
std::optional<ExactMatrix> exact_matrix(const StoredMatrix& matrix);

/// A GEMM whose exact parts (models/dataflow/sum_rule.h) are rounded into FP32 sums. The reduction
/// is cut where passes of the array end.
struct ExactGemm {
  const ArraySpec& array;
  Pass pass;
  const GemmWork& work;
  GridSize grid;
  const ExactMatrix& a;
  const ExactMatrix& b;
  StepMatrix<float> result;
};

/// False, with nothing done, where sums could leave the exact range of a double or the array adds
/// in another way.
bool try_multiply(const ExactGemm& gemm, Workers& workers);

}  // namespace mxsim
