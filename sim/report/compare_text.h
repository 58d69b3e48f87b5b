#pragma once

#include <string>

#include "sim/report/text_table.h"
#include "sim/run/compare_report.h"

namespace mxsim {

/// Tables for a terminal: work, energy, silicon, bounds and savings by format; the slowest layers;
/// what moves the saving; the assumptions.
std::string compare_text(const CompareReport& report, Colour colour = Colour::kOff);
/// One row a format.
std::string compare_csv(const CompareReport& report);

/// Key in reports and on the command line: "pe", "area".
std::string_view to_string(EqualCost equal);

}  // namespace mxsim
