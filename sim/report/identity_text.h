#pragma once

#include <string>

#include "sim/run/run_report.h"

namespace mxsim {

/// "batch 8", or "batch 8 in 4 micro-batches".
std::string batch_text(const RunIdentity& identity);

/// PEs: "32x32", or "2x2 of 32x32".
std::string array_text(const RunIdentity& identity);

}  // namespace mxsim
