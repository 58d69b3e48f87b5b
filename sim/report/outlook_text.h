#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sim/run/run_outlook.h"

namespace mxsim {

/// "0.12 s", "14 s", "3 min", "2.5 h".
std::string time_text(double seconds);

/// Two lines: the DRAM that a run needs, and the time that it takes.
std::string outlook_text(const RunOutlook& outlook, std::size_t width);
/// {"memory": as in reports, "estimate": {"seconds", "bursts", "groups", "search_steps",
/// "pe_steps"}}
nlohmann::ordered_json to_json(const RunOutlook& outlook);

/// Labelled runs, a line each, and the sum of their times.
using LabelledOutlooks = std::vector<std::pair<std::string, RunOutlook>>;
std::string outlook_table(const LabelledOutlooks& outlooks, std::size_t jobs, std::size_t width);
nlohmann::ordered_json to_json(const LabelledOutlooks& outlooks, std::size_t jobs);

}  // namespace mxsim
