#pragma once

#include "models/ptq/ptq_layer.h"

namespace mxsim {

/// GPTQ (Frantar et al., arXiv 2210.17323) for any format of weights: rows of the reduction are
/// rounded one after another, and the error of each is made up for by the rows that are still to
/// come, as the inverse of the Hessian H = Y^T Y of the layer's squared output error says. Y are
/// the inputs that the network quantized so far gives the layer.
///
/// `damping` times the mean of H's diagonal is added to the diagonal (the paper: 0.01). Rows whose
/// inputs are all zero are rounded to nearest. A block's scale is chosen when its first row is
/// reached, from weights that hold the errors carried so far.
RowMatrix gptq(const PtqLayer& layer, double damping, Workers& workers);

}  // namespace mxsim
