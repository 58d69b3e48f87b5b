#pragma once

#include "models/workload/window.h"

namespace mxsim {

/// The data gradient has stride_h x stride_w phases.
inline constexpr std::int64_t kLargestStride = 64;

/// Faults of a convolution (or, with the window of the mirrored one, of a transposed convolution):
/// groups that do not divide the channels, multiply-accumulates of any pass beyond 2^63.
void check_convolution(const ShapedLayer& layer, const Window2d& window, LayerFaults& faults);

}  // namespace mxsim
