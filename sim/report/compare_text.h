#pragma once

#include <string>

#include "sim/report/text_style.h"
#include "sim/run/compare_report.h"

namespace mxsim {

/// Tables for a terminal: the slowest layers, the assumptions that move the saving; then work,
/// energy, silicon, bounds and, last, savings by format.
std::string compare_text(const CompareReport& report, const TextStyle& style = {});
/// One row a format.
std::string compare_csv(const CompareReport& report);

/// Key in reports and on the command line: "pe", "area".
std::string_view to_string(EqualCost equal);

}  // namespace mxsim
