#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/run/run_report.h"
#include "sim/verify/stored_results.h"

namespace mxsim {

/// The outputs of one folder of stored numbers.
struct StoredSet {
  std::string folder;
  std::vector<StoredResult> outputs;
};

nlohmann::ordered_json to_json(const std::vector<StoredSet>& sets);
std::string verify_text(const std::vector<StoredSet>& sets, std::size_t width);

/// An ONNX model on stored inputs in one format, and an inference on the chip.
struct StoredEvalReport {
  std::string format;
  std::vector<StoredSet> sets;
  double images = 1;  ///< of the simulated batch
  RunReport batch;
};

nlohmann::ordered_json to_json(const std::vector<StoredEvalReport>& results);
std::string stored_eval_text(const StoredEvalReport& result, std::size_t width);

}  // namespace mxsim
