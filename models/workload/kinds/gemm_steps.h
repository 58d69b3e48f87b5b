#pragma once

#include <vector>

#include "models/workload/step_builder.h"

namespace mxsim {

/// The three GEMMs of a layer with weights, as convolutions; a linear layer is one with one tap.
struct WeightedLayer {
  GemmWork forward;  ///< kWindow; a = X, b = W
  /// kWindow; a = dY, b = W transposed: the phases of forward.h x forward.w
  std::vector<GemmWork> data_gradient() const;
  GemmWork weight_gradient() const;  ///< a = X, b = dY
};

/// Y = X W, then, if the layer has one, + bias (1 add an element).
void emit_weighted_forward(const WeightedLayer& layer, StepBuilder& steps);
/// dX (if needed), dW, and the bias gradient: the sum of dY over the rows (1 add an element).
void emit_weighted_backward(const WeightedLayer& layer, StepBuilder& steps);

/// Parameters "weight" (taps * channels of a group x all output channels) and, if the attribute
/// bias is 1, "bias".
std::vector<ParameterSpec> weighted_parameters(const ShapedLayer& layer, std::int64_t rows,
                                               std::int64_t cols);

}  // namespace mxsim
