#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/compare_report.h"
#include "sim/run/skip_report.h"

namespace mxsim {

nlohmann::ordered_json to_json(const SkipReport& report, double time_s);

/// What the run's residual additions hold and move, and the tensors held longest.
std::string skip_text(const RunReport& report, const std::optional<SkipReport>& skips,
                      std::size_t width);

/// The same of every run of a comparison, a line each; `skips` as its runs.
std::string skip_table(const CompareReport& report,
                       const std::vector<std::optional<SkipReport>>& skips, std::size_t width);

}  // namespace mxsim
