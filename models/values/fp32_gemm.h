#pragma once

#include <cstdint>

#include "models/mapping/tiles/gemm_tile.h"
#include "models/values/workers.h"
#include "models/workload/op_list.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// A GEMM whose products are rounded into an FP32 sum one after another, as in PEs with FP32
/// accumulators (models/arithmetic/mac.h): every `pass_length` elements of the reduction are summed
/// from +0 and added to the result.
struct Fp32Gemm {
  const GemmWork& work;
  GridSize grid;  ///< of the group's result
  StepMatrix<const float> a;
  StepMatrix<const float> b;
  StepMatrix<float> result;
  std::int64_t pass_length = 1;
};

void multiply(const Fp32Gemm& gemm, Workers& workers);

/// The end of a pass: its sums become the results or are added to them. NaN results are stored as
/// 0x7fc00000.
void add_pass(float* results, const float* sums, std::int64_t count, bool first);

}  // namespace mxsim
