#pragma once

#include <functional>
#include <string>
#include <vector>

#include "models/ptq/post_training.h"
#include "sim/train/training_report.h"

namespace mxsim {

/// Accuracy in one set of formats, and the cost of a simulated batch.
struct PtqSide {
  std::string formats;
  Interval accuracy;
  RunReport batch;
};

/// What `mxsim ptq` did.
struct PtqReport {
  std::string method;
  PtqSettings settings;
  std::uint64_t seed = 1;
  std::int64_t calibration_samples = 0;
  std::int64_t test_samples = 0;
  double images = 1;  ///< of a simulated batch
  PostTraining result;
  PtqSide before;
  PtqSide after;
  std::string output;  ///< file of the quantized weights
};

/// Quantizes weights for a run after its training and measures both sides.
class PtqJob {
 public:
  using Progress = PostTrainingQuantizer::Progress;

  /// `before` and `after` are the same run in BF16 and in the formats that are wanted. What is
  /// referred to outlives this.
  PtqJob(const RunConfig& before, const RunConfig& after, const Dataset& data, Workers& workers);

  /// Calibrates on `samples` training samples, the first in the order of an epoch with the run's
  /// seed (all, where the set has fewer).
  PostTraining quantize(const NetworkTensors& weights, const PtqSettings& settings,
                        std::int64_t samples, const Progress& progress) const;
  /// Share of the test labels found, with the given weights.
  Interval accuracy_of(const RunConfig& run, const NetworkTensors& weights) const;
  std::int64_t calibration_samples(std::int64_t asked) const;
  std::int64_t test_samples() const { return test_.count(); }

 private:
  const RunConfig& before_;
  const RunConfig& after_;
  SampleFeed train_;  ///< as the test samples are seen: no augmentation
  SampleFeed test_;
  Workers& workers_;
};

}  // namespace mxsim
