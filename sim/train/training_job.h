#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "models/values/network.h"
#include "models/values/workers.h"
#include "sim/config/run_config.h"
#include "sim/data/dataset.h"
#include "sim/data/sample_feed.h"

namespace mxsim {

/// How far a network was after an epoch.
struct EpochResult {
  double accuracy = 0;  ///< share of the test labels that are found
  double loss = 0;      ///< mean over the epoch's training steps
};

/// A network in training: what a checkpoint holds.
struct TrainingState {
  NetworkTensors tensors;
  std::vector<EpochResult> epochs;  ///< those that have ended
};

/// Trains one network with one seed. The seed decides initial parameters and the order of the
/// samples; the last samples of an epoch that fill no batch are left out.
class TrainingJob {
 public:
  /// `stop` is called after every step with the number of steps done in all epochs; it may throw.
  using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

  /// What is referred to outlives this. Throws InputError for networks that cannot be trained.
  TrainingJob(const RunConfig& config, const Dataset& data, Workers& workers);

  /// From now on backward GEMMs read the forward pass's operands: quantization-aware training.
  void follow_forward() { trained_.executor().store().follow_forward(); }

  TrainingState begin(std::uint64_t seed) const;
  /// Runs the next epoch.
  void run_epoch(TrainingState& state, std::uint64_t seed, const Progress& progress);
  std::int64_t steps_per_epoch() const;

 private:
  const RunConfig& config_;
  SampleFeed train_;
  SampleFeed test_;
  TrainedNetwork trained_;
  InferredNetwork inferred_;
};

/// Throws InputError unless the run can be trained on the data.
void check_training(const RunConfig& config, const Dataset& data);

/// Share of the labels that the network finds; ties go to the lower class.
double accuracy(InferredNetwork& network, const SampleFeed& feed, std::int64_t batch);

/// Numbers of `count` samples in the order of an epoch.
std::vector<std::int64_t> sample_order(std::int64_t count, std::uint64_t seed, std::int64_t epoch);

}  // namespace mxsim
