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

/// A GEMM of the entered layer, named after its kind.
void emit_gemm(Pass pass, std::vector<GemmWork> gemms, GemmOperand a, GemmOperand b, ValueId result,
               StepBuilder& steps);

/// The layer's output from its forward GEMMs and, if the attribute bias is 1, + bias (1 add an
/// element).
void emit_biased_product(std::vector<GemmWork> gemms, GemmOperand a, GemmOperand b,
                         StepBuilder& steps);
/// The bias gradient, if there is a bias: the sum of dY over the rows (1 add an element).
void emit_bias_gradient(StepBuilder& steps);
/// dW, and dX if it is needed.
void emit_weight_gradient(std::vector<GemmWork> gemms, ValueId a, ValueId b, StepBuilder& steps);
void emit_data_gradient(std::vector<GemmWork> gemms, ReductionAxis weight_axis, StepBuilder& steps);

/// Y = X W (+ bias)
void emit_weighted_forward(const WeightedLayer& layer, StepBuilder& steps);
/// dX (if needed), dW, and the bias gradient.
void emit_weighted_backward(const WeightedLayer& layer, StepBuilder& steps);

/// Parameters "weight" and, if the attribute bias is 1, "bias" of so many features.
std::vector<ParameterSpec> weighted_parameters(const ShapedLayer& layer, MatrixView weight,
                                               std::int64_t bias_features);

}  // namespace mxsim
