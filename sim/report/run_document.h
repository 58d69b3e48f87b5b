#pragma once

#include <nlohmann/json.hpp>

#include "sim/config/run_config.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// The report of a run with what its residual additions hold ("skips") and the chip on an FPGA
/// ("fpga") where there are any: `run --json`, and report.json of runs and points.
nlohmann::ordered_json run_document(const RunReport& report, const RunConfig& config);

}  // namespace mxsim
