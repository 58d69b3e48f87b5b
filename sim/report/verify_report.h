#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/verify/stored_results.h"

namespace mxsim {

/// `mxsim verify --json`.
nlohmann::ordered_json to_json(const std::vector<StoredResult>& results);
/// A line for every output.
std::string verify_text(const std::vector<StoredResult>& results);

}  // namespace mxsim
