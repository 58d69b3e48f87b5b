#pragma once

#include <string>
#include <vector>

#include "models/values/network.h"
#include "models/values/workers.h"
#include "sim/config/run_config.h"
#include "sim/data/dataset.h"
#include "sim/train/epoch_statistics.h"
#include "sim/train/training_report.h"

namespace mxsim {

struct WeightFile {
  std::string path;
  NetworkTensors tensors;
};

/// The test samples that each file of weights finds in a run's formats.
struct Evaluation {
  std::vector<double> accuracies;  ///< by file
  Interval accuracy;
  std::int64_t samples = 0;
  std::vector<MeasuredCasts> statistics;  ///< by file; empty unless asked for
  std::vector<float> probabilities = {};  ///< of the last file: samples x labels x classes
};

enum class Statistics : std::uint8_t { kNone, kCounted };

/// Throws InputError that names the file: a parameter is missing or of another size.
Evaluation evaluate(const RunConfig& config, const Dataset& data,
                    const std::vector<WeightFile>& weights, Statistics statistics,
                    Workers& workers);

/// The run as `evaluate` takes it: inference; a network without a loss and with one result, such
/// as an imported one, is given a cross_entropy over it.
RunConfig inference_of(RunConfig config);

}  // namespace mxsim
