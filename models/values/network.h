#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/values/given_parameters.h"
#include "models/values/step_executor.h"
#include "models/workload/graph.h"
#include "models/workload/lowering_policy.h"
#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Samples of a batch: inputs with one row a pixel (N, H, W order), token or sample, and the labels
/// of every sample.
struct Batch {
  std::vector<float> inputs;
  std::vector<float> labels;
  std::vector<float> teacher =
      {};  ///< scores of a teacher, one row a label; where the loss has one
};

/// What a network that classifies takes and gives.
struct NetworkEnds {
  Shape input;  ///< of a sample
  std::int64_t classes = 0;
  std::int64_t labels = 1;  ///< of a sample: one for each token of a language model
};

/// Throws InputError for networks without exactly one input and one loss.
NetworkEnds network_ends(const Graph& graph, const Dimensions& dimensions = {});

/// Throws InputError unless the network can be trained on data: see network_ends(), steps without a
/// function, constants that are not trained.
void check_trainable(const Graph& graph, LoweringPolicy policy);

/// A network's training step on real values.
class TrainedNetwork {
 public:
  /// A network with one input and one loss. Throws InputError for others, see lower().
  TrainedNetwork(const Graph& graph, LoweringPolicy policy, const ArraySpec& array,
                 Workers& workers);

  /// Parameters drawn from (seed, name), states as training begins with them.
  NetworkTensors initial(std::uint64_t seed) const;
  void set(const NetworkTensors& tensors);
  NetworkTensors tensors();
  /// One step; the mean loss over the batch before it.
  float train(const Batch& batch, const StepSettings& settings);
  StepExecutor& executor() { return *executor_; }

 private:
  void give_part(const std::string& value, const std::vector<float>& all, std::int64_t part);

  ShapedGraph shaped_;  ///< of a micro-batch
  std::int64_t parts_;  ///< micro-batches
  std::string input_;
  std::string loss_;
  std::string labels_;
  std::string teacher_;  ///< "": the loss has none
  std::unique_ptr<StepExecutor> executor_;
};

/// The same network's inference.
class InferredNetwork {
 public:
  InferredNetwork(const Graph& graph, LoweringPolicy policy, const ArraySpec& array,
                  Workers& workers);

  /// Parameters and running averages; throws InputError for a missing one or one of another size.
  void set(const NetworkTensors& tensors);
  /// Class probabilities, one row a label.
  std::vector<float> classify(std::span<const float> inputs);
  std::int64_t classes() const { return classes_; }
  StepExecutor& executor() { return *executor_; }
  /// For a pass that is run group by group: its inputs, and the groups it runs, in order.
  void give(std::span<const float> inputs);
  std::vector<std::size_t> forward_groups() const;
  const ShapedGraph& graph() const { return shaped_; }

 private:
  ShapedGraph shaped_;
  std::string input_;
  std::string output_;
  std::int64_t classes_ = 0;
  bool whole_text_ = false;  ///< scores of all tokens: the forward pass of training
  std::unique_ptr<StepExecutor> executor_;
};

}  // namespace mxsim
