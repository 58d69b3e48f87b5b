#pragma once

#include <cstdint>

#include "sim/config/binder.h"

namespace mxsim {

/// What becomes of samples between the data set and the network. No simulated cycle depends on it.
struct DataConfig {
  std::int64_t train_samples = 0;    ///< the first of the set; 0: all
  std::int64_t test_samples = 0;     ///< likewise
  std::int64_t sample_octaves = 0;   ///< sample n is multiplied by 2^e(n), e uniform in -s..s
  std::int64_t element_octaves = 0;  ///< element i of every sample by 2^e(i)
  bool flip = false;
  std::int64_t shift = 0;  ///< pixels
  std::uint64_t seed = 1;  ///< of the exponents
};

void bind(Binder& b, DataConfig& s);

}  // namespace mxsim
