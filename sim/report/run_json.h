#pragma once

#include <nlohmann/json.hpp>

#include "sim/run/compare_report.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// Key order is fixed, numbers are printed so that they read back exactly.
nlohmann::ordered_json to_json(const RunReport& report);
/// The same without events, units, layers and assumptions.
nlohmann::ordered_json summary_json(const RunReport& report);
nlohmann::ordered_json to_json(const CompareReport& report);
/// "memory" of a report.
nlohmann::ordered_json memory_json(const MemoryUse& memory, const NetworkChoice& choice);

}  // namespace mxsim
