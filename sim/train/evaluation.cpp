#include "sim/train/evaluation.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"
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

bool is_loss(const Layer& layer) { return layer.op == "cross_entropy" || layer.op == "next_token"; }

bool has_loss(const Graph& graph) {
  const auto among = [](const std::vector<Layer>& layers) {
    return std::any_of(layers.begin(), layers.end(), is_loss);
  };
  return among(graph.layers) ||
         std::any_of(graph.blocks.begin(), graph.blocks.end(),
                     [&](const Block& block) { return among(block.layers); });
}

/// A name that no layer and no tensor has.
std::string free_name(const Graph& graph, std::string name) {
  const auto taken = [&] {
    return std::any_of(graph.layers.begin(), graph.layers.end(), [&](const Layer& layer) {
      return layer.name == name ||
             std::find(layer.outputs.begin(), layer.outputs.end(), name) != layer.outputs.end();
    });
  };
  while (taken()) name += "_";
  return name;
}

}  // namespace

RunConfig inference_of(RunConfig config) {
  config.mode = Mode::kInfer;
  config.gradient_accumulation_steps = 1;
  Graph& graph = config.workload;
  if (has_loss(graph) || graph.outputs.size() != 1) return config;
  Layer loss;
  loss.name = free_name(graph, "loss");
  loss.op = "cross_entropy";
  loss.inputs = graph.outputs;
  loss.outputs = {loss.name};
  graph.outputs = loss.outputs;
  graph.layers.push_back(std::move(loss));
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
    result.accuracies.push_back(accuracy(network, feed, config.batch));
    if (statistics == Statistics::kNone) continue;
    result.statistics.push_back({result.statistics.size() + 1, 0, observer.take()});
  }
  result.accuracy = accuracy_interval(result.accuracies, result.samples);
  return result;
}

}  // namespace mxsim
