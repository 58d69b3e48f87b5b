#pragma once

#include "models/ptq/ptq_layer.h"

namespace mxsim {

/// Error diffusion without hyper-parameter, gradient or Hessian, in the style of arXiv 2410.11203,
/// whose exact update is not public. Rows of the reduction are rounded one after another. The
/// residual of the layer's output, of the wide network's partial sum less the quantized network's,
///
///   u_t = sum over s <= t of (X_s w_s - Y_s q_s),
///
/// is carried into the next row: q_t is the number next to the projection of u_{t-1} + X_t w_t on
/// Y_t. Y come from layers that are quantized already, so the residual holds their errors too. (The
/// update is that of greedy path following, Lybrand and Saab, arXiv 2010.15979.) Only inner
/// products of input columns enter, so they are summed once and no u is stored. Rows whose inputs
/// are all zero are rounded to nearest. Scales come from the given weights.
RowMatrix error_diffusion(const PtqLayer& layer, Workers& workers);

}  // namespace mxsim
