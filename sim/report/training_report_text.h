#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/train/training_report.h"

namespace mxsim {

/// training.json and `train --json`.
nlohmann::ordered_json to_json(const TrainingReport& report);
/// A line for every format, seed and epoch.
std::string training_csv(const TrainingReport& report);
/// A row for every format.
std::string training_text(const TrainingReport& report, std::size_t width);

}  // namespace mxsim
