#pragma once

#include <string>

#include "sim/run/compare_report.h"

namespace mxsim {

/// Tables for a terminal: work, energy, bounds and savings by format; the slowest layers; what
/// moves the saving of the last format most; the assumptions.
std::string compare_text(const CompareReport& report);
/// One row a format.
std::string compare_csv(const CompareReport& report);

}  // namespace mxsim
