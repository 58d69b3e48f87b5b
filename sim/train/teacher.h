#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/values/network.h"
#include "sim/config/run_config.h"
#include "sim/train/training_job.h"

namespace mxsim {

/// How a student's loss weighs its teacher: (1 - weight) x cross entropy of the labels + weight x
/// temperature^2 x KL(softmax(teacher / temperature) || softmax(student / temperature)).
struct Teaching {
  double weight = 0.5;
  double temperature = 4;
};

/// What a network is trained after: the run's network with all its skip connections, in BF16.
RunConfig teacher_config(const RunConfig& run);

/// A trained network whose scores a student's loss compares with its own (Hinton et al., arXiv
/// 1503.02531).
class Teacher {
 public:
  /// Throws InputError with `path` for parameters that are missing or of another size.
  Teacher(const RunConfig& run, const NetworkTensors& weights, const std::string& path,
          Workers& workers);

  /// Logarithms of the probabilities, one row a label: the scores less a number of each row, which
  /// no softmax depends on.
  std::vector<float> scores(std::span<const float> inputs);
  /// Share of the test labels that it finds.
  double accuracy(const SampleFeed& feed);
  const RunConfig& config() const { return config_; }

 private:
  RunConfig config_;
  InferredNetwork network_;
};

/// The network with a loss that has a teacher.
Graph taught_graph(Graph graph, const Teaching& teaching);

/// `fresh` with the teacher's parameters and averages in place of those of the same name and size;
/// states of the optimizer stay fresh.
NetworkTensors taught_start(NetworkTensors fresh, const NetworkTensors& teacher,
                            const RunConfig& run);

}  // namespace mxsim
