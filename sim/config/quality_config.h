#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/config/binder.h"

namespace mxsim {

/// How much the noise of some layers counts, and how large it is.
struct LayerQualityConfig {
  std::string layers;  ///< regular expression for whole layer names
  double weight = 1;
  std::map<std::string, double> sqnr_db;  ///< of an operand, by format
};

/// The noise of a choice of formats: a sum over the GEMMs of the forward pass of the layer's weight
/// times both operands' noise. An operand's noise is its quantization error's power over its own,
/// 10^(-SQNR/10), a ratio without unit. Layers that nothing here names are noiseless.
struct QualityConfig {
  std::vector<LayerQualityConfig> layers;  ///< the first that matches decides
  /// Parameters whose direct cast is measured on data, as `mxsim eval` does; "": none. Quality is
  /// then the share of the samples that are not found.
  std::string weights = {};
  std::string data = {};
  std::int64_t samples = 0;  ///< the first of the test set; 0: all
};

void bind(Binder& b, LayerQualityConfig& s);
void bind(Binder& b, QualityConfig& s);

}  // namespace mxsim
