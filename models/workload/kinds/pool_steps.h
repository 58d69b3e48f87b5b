#pragma once

#include <array>

#include "models/workload/step_builder.h"
#include "models/workload/window.h"

namespace mxsim {

inline constexpr std::array<AttributeSpec, 4> kPoolAttributes{{
    {"kernel", AttributeForm::kPair, {}, 1, kLargestKernel, "pooled positions"},
    {"stride", AttributeForm::kPair, {}, 1, kLargestKernel, "input positions a step"},
    {"padding", AttributeForm::kSides, 0, 0, kLargestKernel, "ignored positions on each side"},
    {"slices", AttributeForm::kScalar, 1, 1, kLargestExtent, "images that the rows are those of"},
}};

/// Shape after pooling; adds faults for windows that do not fit or may lie in padding alone.
std::vector<Shape> infer_pool(const ShapedLayer& layer, LayerFaults& faults);

/// The window of a pooling layer whose shapes are known to fit.
Window2d pool_window(const ShapedLayer& layer);

/// The most windows of `kernel` at `stride` that one input position lies in.
std::int64_t covering_windows(Extent2d kernel, Extent2d stride);

/// Positions whose number a mean divides by: all of the window, or those on the image.
enum class AverageOver : std::uint8_t { kWindow, kImage };

/// Mean of a window. FP32 operations an output element: taps - 1 adds, 1 mul.
void emit_average_forward(const Window2d& window, AverageOver over, StepBuilder& steps);
/// Each input takes its windows' gradients: 1 mul, and 1 add for each window beyond the first.
void emit_average_backward(const Window2d& window, AverageOver over, StepBuilder& steps);

}  // namespace mxsim
