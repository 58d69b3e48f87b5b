#pragma once

#include "sim/import/lowering/node_index.h"

namespace mxsim {

/// Whether arithmetic with numbers makes `tensor` of `root` alone, in the root's shape, and its
/// values are those of `function`: compared at points on both sides of zero, as exactly as
/// constants of 8 significant bits allow.
bool is_function(const NodeIndex& index, int tensor, int root, double (*function)(double x));

/// Likewise x clamp(alpha x + beta, 0, 1).
bool is_hard_swish(const NodeIndex& index, int tensor, int root, double alpha, double beta);

double exact_gelu(double x);
double tanh_gelu(double x);

}  // namespace mxsim
