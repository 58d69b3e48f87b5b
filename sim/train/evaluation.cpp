#include "sim/train/evaluation.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"
#include "models/workload/assumed_loss.h"
#include "sim/data/sample_feed.h"
#include "sim/train/training_job.h"

namespace mxsim {
namespace {

void set_weights(InferredNetwork& network, const WeightFile& weights) {
  try {
    network.set(weights.tensors);
  } catch (const InputError& error) {
    std::vector<Diagnostic> faults = error.diagnostics();
    for (Diagnostic& fault : faults) fault.file = weights.path;
    throw InputError(std::move(faults));
  }
}

}  // namespace

RunConfig inference_of(RunConfig config) {
  config.mode = Mode::kInfer;
  config.gradient_accumulation_steps = 1;
  config.workload = with_assumed_loss(config.workload);
  return config;
}

Evaluation evaluate(const RunConfig& config, const Dataset& data,
                    const std::vector<WeightFile>& weights, Statistics statistics,
                    Workers& workers) {
  const SampleFeed feed(data, SampleUse::kTest, config.data);
  InferredNetwork network(config.workload, lowering_policy(config), config.chip.array, workers);
  OperandObserver observer(network.executor().ops(), workers);
  if (statistics == Statistics::kCounted) network.executor().store().observe(&observer);
  Evaluation result;
  result.samples = feed.count();
  for (const WeightFile& file : weights) {
    set_weights(network, file);
    result.probabilities.clear();
    result.accuracies.push_back(accuracy(network, feed, config.batch, &result.probabilities));
    if (statistics == Statistics::kNone) continue;
    result.statistics.push_back({result.statistics.size() + 1, 0, observer.take()});
  }
  result.accuracy = accuracy_interval(result.accuracies, result.samples);
  return result;
}

}  // namespace mxsim
