#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/layer_kind.h"

namespace mxsim {

/// What a parameter holds before training, drawn from (seed, name) as its InitialValues say.
std::vector<float> initial_values(const ParameterSpec& spec, std::uint64_t seed,
                                  const std::string& name);

}  // namespace mxsim
