#pragma once

#include <cstdint>
#include <vector>

namespace mxsim {

/// Added to variances where a trace does not state the constant "epsilon".
inline constexpr double kBatchNormEpsilon = 1e-5;

/// Scale and shift of each channel (2 x channels) with which inference normalises, from running
/// means and variances (2 x channels), weight and bias.
std::vector<float> folded_batch_norm(const float* running, const float* weight, const float* bias,
                                     std::int64_t channels, double epsilon);

}  // namespace mxsim
