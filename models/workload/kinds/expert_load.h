#pragma once

#include <array>

#include "models/workload/layer_kind.h"

namespace mxsim {

/// Experts with equally many rows, which stand one behind the other.
struct ExpertClass {
  std::int64_t experts = 0;
  std::int64_t rows = 0;  ///< of each
};

/// How the rows of a mixture of experts fall on its experts. `active` experts get rows, as equally
/// many as they can: some one more than the others. Not stated: as many as are expected to when
/// each token picks `top_k` different ones at random, experts x (1 - (1 - top_k / experts)^tokens),
/// rounded, Shazeer et al. 2017.
struct ExpertLoad {
  std::int64_t active = 1;
  std::array<ExpertClass, 2> classes;  ///< with one row more, and the rest
};

/// `rows`: of all experts, top_k a token. `stated`: 0 when it is expected.
ExpertLoad expert_load(std::int64_t rows, std::int64_t experts, std::int64_t top_k,
                       std::int64_t stated);

}  // namespace mxsim
