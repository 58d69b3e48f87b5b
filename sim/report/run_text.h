#pragma once

#include <string>

#include "sim/run/compare_report.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// Tables for a terminal.
std::string run_text(const RunReport& report);
std::string compare_text(const CompareReport& report);

/// One row a layer and pass; every column has its unit in its name.
std::string layers_csv(const RunReport& report);
/// One row a format.
std::string compare_csv(const CompareReport& report);

}  // namespace mxsim
