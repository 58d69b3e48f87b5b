#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/train/training_report.h"

namespace mxsim {

/// What `mxsim eval` found: accuracy, and the cost of a simulated batch.
struct EvalReport {
  std::vector<double> accuracies;  ///< with each of the weights
  Interval accuracy;
  std::int64_t samples = 0;
  std::string format;
  double images = 1;  ///< of the simulated batch
  RunReport batch;
};

/// One object, or of several formats a list.
nlohmann::ordered_json to_json(const std::vector<EvalReport>& results);
std::string eval_text(const EvalReport& result, std::size_t width);

}  // namespace mxsim
