#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/run/explain_run.h"

namespace mxsim {

/// For each pass a table of the chosen mapping and the runners-up.
std::string explain_text(const LayerExplanation& explanation);

nlohmann::ordered_json to_json(const LayerExplanation& explanation);

}  // namespace mxsim
