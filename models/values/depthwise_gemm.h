#pragma once

#include "models/values/fp32_gemm.h"
#include "models/values/workers.h"

namespace mxsim {

/// Whether every group has one channel and one result column, side by side in all matrices.
bool is_depthwise(const GemmWork& work);

/// The same results as multiply(), for depthwise work: all groups at once.
void multiply_depthwise(const Fp32Gemm& gemm, Workers& workers);

}  // namespace mxsim
