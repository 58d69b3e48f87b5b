#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/report/text_table.h"
#include "sim/run/explain_run.h"

namespace mxsim {

/// For each pass a table of the chosen mapping and the runners-up.
std::string explain_text(const LayerExplanation& explanation,
                         std::size_t width = TextTable::kAnyWidth);

nlohmann::ordered_json to_json(const LayerExplanation& explanation);

/// Tile extents, loop order, and the estimates the mapping was chosen by.
nlohmann::ordered_json mapping_json(const GemmMapping& mapping);

}  // namespace mxsim
