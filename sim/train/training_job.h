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
#include "sim/train/epoch_statistics.h"

namespace mxsim {

/// How far a network was after an epoch.
struct EpochResult {
  double accuracy = 0;  ///< share of the test labels that are found
  double loss = 0;      ///< mean over the epoch's training steps
};

/// A network in training: what a checkpoint holds.
struct TrainingState {
  NetworkTensors tensors;
  std::vector<EpochResult> epochs;               ///< those that have ended
  std::vector<EpochStatistics> statistics = {};  ///< of these; empty unless asked for
};

/// Trains one network with one seed. The seed decides initial parameters and the order of the
/// samples; the last samples of an epoch that fill no batch are left out.
class TrainingJob {
 public:
  /// `stop` is called after every step with the number of steps done in all epochs; it may throw.
  using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

  /// What is referred to outlives this. Throws InputError for networks that cannot be trained.
  /// `statistics_every`: steps from one that casts are counted in to the next, from the first of
  /// each epoch on; 0: none are counted.
  TrainingJob(const RunConfig& config, const Dataset& data, Workers& workers,
              std::int64_t statistics_every = 0);

  TrainingState begin(std::uint64_t seed) const;
  /// Runs the next epoch.
  void run_epoch(TrainingState& state, std::uint64_t seed, const Progress& progress);
  std::int64_t steps_per_epoch() const;
  /// Layers, roles and modes that an epoch counts casts of, with no counts.
  EpochStatistics statistics_rows() { return observer_.take(); }

 private:
  const RunConfig& config_;
  SampleFeed train_;
  SampleFeed test_;
  TrainedNetwork trained_;
  InferredNetwork inferred_;
  std::int64_t statistics_every_;
  OperandObserver observer_;
};

/// Throws InputError unless the run can be trained on the data.
void check_training(const RunConfig& config, const Dataset& data);

/// Share of the labels that the network finds; ties go to the lower class.
double accuracy(InferredNetwork& network, const SampleFeed& feed, std::int64_t batch);

/// Numbers of `count` samples in the order of an epoch.
std::vector<std::int64_t> sample_order(std::int64_t count, std::uint64_t seed, std::int64_t epoch);

}  // namespace mxsim
