#pragma once

#include <string_view>

#include "models/workload/kinds/recurrent.h"

namespace mxsim {

/// The recurrent weights of the candidate, H x H; the parameter "recurrent" has those of both
/// gates.
inline constexpr std::string_view kCandidateWeights = "recurrent_candidate";

/// A token of a gated recurrent unit whose reset gate comes before the product (Cho et al. 2014;
/// ONNX: linear_before_reset 0): z, r = logistic of x W + b + h' R + b'; n = tanh of x W + b + b' +
/// (r h') R'; h = (1 - z) n + z h'. The product of the candidate waits for the reset gate.
/// FP32 operations: a gate has 1 add and those of tanh (2 mul, 2 add, 1 exp, 1 divide); a hidden
/// feature 2 mul, 3 add and a tanh. Backward, a hidden feature: 11 mul, 6 add, and an add for each
/// summand but the first.
RecurrentState emit_reset_first_token(const RecurrentShape& shape, const RecurrentToken& token,
                                      StepBuilder& steps);
RecurrentBelow emit_reset_first_gradient(const RecurrentShape& shape, const RecurrentToken& token,
                                         const RecurrentAbove& above, StepBuilder& steps);
/// Over all tokens.
void emit_candidate_weight_gradient(const RecurrentShape& shape, StepBuilder& steps);

}  // namespace mxsim
