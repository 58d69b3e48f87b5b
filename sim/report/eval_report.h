#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "sim/train/training_report.h"

namespace mxsim {

/// What `mxsim eval` found: accuracy, and the cost of a simulated batch.
struct EvalReport {
  Interval accuracy;
  std::int64_t samples = 0;
  std::string format;
  double images = 1;  ///< of the simulated batch
  RunReport batch;
};

nlohmann::ordered_json to_json(const EvalReport& result);
std::string eval_text(const EvalReport& result);

}  // namespace mxsim
