#pragma once

#include "models/ptq/ptq_layer.h"

namespace mxsim {

/// Learned rounding (AdaRound, Nagel et al., arXiv 2004.10568).
struct AdaRoundSettings {
  std::int64_t iterations = 1000;
  double learning_rate = 0.01;
  /// Weight of the regulariser, in mean errors of an element under rounding to nearest.
  double regularisation = 10;
};

/// Chooses for every weight between its two neighbours in the format. A variable a of each decides
/// by the rectified sigmoid h(a) = clip(1.2 sigmoid(a) - 0.1, 0, 1); Adam minimises the squared
/// error of the layer's outputs against the wide network's plus weight * sum of 1 - |2 h - 1|^beta,
/// which drives h to 0 or 1: without the regulariser for the first fifth of the steps, then with
/// beta from 20 to 2 along a cosine. Steps see all calibration samples, so nothing is drawn. Scales
/// come from the given weights. Where rounding to nearest has the smaller error, it is kept.
RowMatrix adaround(const PtqLayer& layer, const AdaRoundSettings& settings, Workers& workers);

}  // namespace mxsim
