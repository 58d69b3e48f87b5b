#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/report/text_style.h"
#include "sim/run/compare_report.h"

namespace mxsim {

/// Which sizes a search at equal area chose for each format, the largest array beside the chip's
/// own buffers, and the runner-up; "" without a search.
std::string sizes_text(const CompareReport& report, const TextStyle& style);

/// Every size that was tried with its energy-delay product (null where the work does not fit), and
/// the place of the best among them.
nlohmann::ordered_json sizes_json(const SizeSearch& search);

}  // namespace mxsim
