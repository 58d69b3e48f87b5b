#pragma once

#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// Puts single operators into the place of what exporters spell out: GELU by Erf or Tanh, SiLU,
/// hard swish, mish, layer and RMS normalisation by ReduceMean, group normalisation by
/// InstanceNormalization, scaled softmax, a constant added to a product as its bias, and slices or
/// indices that together take all of a tensor. Nodes that nothing needs afterwards are taken out.
void recognise_patterns(TensorNetwork& network);

}  // namespace mxsim
