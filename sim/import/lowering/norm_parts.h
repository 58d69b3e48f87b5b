#pragma once

#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// Puts normalisations without parameters (LpNormalization, MeanVarianceNormalization) into the
/// sums and quotients that they stand for: layers that normalise have parameters.
void spell_out_norms(TensorNetwork& network);

}  // namespace mxsim
