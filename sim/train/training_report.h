#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/run/run_report.h"
#include "sim/train/training_job.h"

namespace mxsim {

/// A number with the ends of its 95 % interval.
struct Interval {
  double mean = 0;
  double low = 0;
  double high = 0;
};

/// Of several seeds: Student's interval of the mean. Of one: Wilson's interval of a share of
/// `samples`.
Interval accuracy_interval(const std::vector<double>& shares, std::int64_t samples);

/// Epochs until the mean accuracy over the seeds first reaches `target`, or nothing.
struct TrainedFormat;
std::optional<std::int64_t> epochs_to(const TrainedFormat& format, double target);

struct TrainedSeed {
  std::uint64_t seed = 1;
  std::vector<EpochResult> epochs;
  std::vector<EpochStatistics> statistics = {};  ///< by epoch; empty unless asked for
};

/// One format's training: what came out, and what a step costs on the chip.
struct TrainedFormat {
  std::string label;
  RunReport step;  ///< one simulated training step
  std::vector<TrainedSeed> seeds;
  int gradient_bits = 0;               ///< of pruned gradients (1-bit FQT); 0: none are
  std::vector<PlaneCost> planes = {};  ///< of their backward GEMMs
};

/// Whose scores a network was trained after.
struct TeacherReport {
  std::string weights;  ///< file as given
  double weight = 0;
  double temperature = 1;
  double accuracy = 0;  ///< of the test labels
  RunReport forward;    ///< its inference of a batch, once a training step
};

struct TrainingReport {
  std::string workload;
  std::string data;  ///< folder as given
  std::string config_hash;
  std::int64_t train_samples = 0;
  std::int64_t test_samples = 0;
  std::int64_t batch = 1;
  std::int64_t steps = 0;  ///< of a whole training
  double target = 0;       ///< accuracy whose energy is told; 0: none
  std::vector<TrainedFormat> formats;
  std::optional<TeacherReport> teacher = std::nullopt;
};

}  // namespace mxsim
