#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/values/network.h"
#include "models/values/one_bit_backward.h"
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

class Teacher;
struct Teaching;

/// How a trained network is changed, and with whose help.
struct Retraining {
  Teacher* teacher = nullptr;             ///< null: none
  const Teaching* teaching = nullptr;     ///< of the teacher
  const NetworkTensors* start = nullptr;  ///< the teacher's parameters
  std::int64_t skip_epochs = 0;  ///< in which skip connections are changed, one after another from
                                 ///< the input on; 0: all before the first epoch
  /// Formats of weights and activations that every layer with GEMMs draws one of in each step (one
  /// set of weights for all choices, FLIQS, arXiv 2308.03290); empty: those of the run. Gradients
  /// stay in the run's format.
  std::vector<FormatSpec> drawn_formats = {};
  /// Backward GEMMs read the forward pass's operands: quantization-aware training.
  bool straight_through = false;
  /// The same, and layers with operands of one bit multiply pruned gradients: 1-bit FQT.
  std::optional<OneBitTraining> one_bit = {};
};

/// Trains one network with one seed. The seed decides initial parameters and the order of the
/// samples; the last samples of an epoch that fill no batch are left out. With a teacher the
/// network begins with its parameters.
class TrainingJob {
 public:
  /// `stop` is called after every step with the number of steps done in all epochs; it may throw.
  using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

  /// What is referred to outlives this. Throws InputError for networks that cannot be trained.
  /// `statistics_every`: steps from one that casts are counted in to the next, from the first of
  /// each epoch on; 0: none are counted.
  TrainingJob(const RunConfig& config, const Dataset& data, Workers& workers,
              const Retraining& retraining = {}, std::int64_t statistics_every = 0);

  TrainingState begin(std::uint64_t seed);
  /// Runs the next epoch.
  void run_epoch(TrainingState& state, std::uint64_t seed, const Progress& progress);
  std::int64_t steps_per_epoch() const;
  /// Layers, roles and modes that an epoch counts casts of, with no counts.
  EpochStatistics statistics_rows() { return observer_->take(); }

 private:
  /// Residual additions that are changed in an epoch; none: all.
  std::optional<std::size_t> changed_skips(std::size_t epoch) const;
  /// The network as it is in an epoch.
  void enter_epoch(std::size_t epoch);
  void build_trained(const Graph& graph, const LoweringPolicy& policy);
  /// With the formats of a step, and the tensors of the network before it.
  void draw_formats(std::uint64_t seed, std::int64_t step);

  const RunConfig& config_;
  Workers& workers_;
  Retraining retraining_;
  std::size_t changeable_ = 0;  ///< residual additions
  SampleFeed train_;
  SampleFeed test_;
  std::optional<std::size_t> changed_;  ///< of the networks below
  Graph graph_;                         ///< of the trained one
  std::vector<std::string> gemm_layers_;
  std::unique_ptr<TrainedNetwork> trained_;
  std::unique_ptr<InferredNetwork> inferred_;
  std::int64_t statistics_every_;
  std::optional<OperandObserver> observer_;  ///< of the trained one
};

/// Throws InputError unless the run can be trained on the data.
void check_training(const RunConfig& config, const Dataset& data);

/// What the backward GEMMs of layers with one-bit operands multiply; throws InputError where there
/// are none.
std::vector<PlaneCost> one_bit_costs(const RunConfig& config, const OneBitTraining& training);

/// Share of the labels that the network finds; ties go to the lower class. Class probabilities of
/// every label are added to `probabilities`, unless that is null.
double accuracy(InferredNetwork& network, const SampleFeed& feed, std::int64_t batch,
                std::vector<float>* probabilities = nullptr);

/// Numbers of `count` samples in the order of an epoch.
std::vector<std::int64_t> sample_order(std::int64_t count, std::uint64_t seed, std::int64_t epoch);

}  // namespace mxsim
