#pragma once

#include <string>

#include "sim/report/text_style.h"
#include "sim/run/run_report.h"

namespace mxsim {

/// Tables for a terminal, the result last.
std::string run_text(const RunReport& report, const TextStyle& style = {});

/// One row a layer and pass; every column has its unit in its name.
std::string layers_csv(const RunReport& report);

}  // namespace mxsim
