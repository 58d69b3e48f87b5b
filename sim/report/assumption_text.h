#pragma once

#include <string>

#include "sim/report/text_style.h"
#include "sim/run/compare_report.h"

namespace mxsim {

/// The energy saving of every format when one assumption alone is another, by falling effect;
/// prices that hardly move it are left out.
std::string assumption_table_text(const CompareReport& report, const TextStyle& style);
/// All of them, one row an assumption and format.
std::string assumptions_csv(const CompareReport& report);

}  // namespace mxsim
