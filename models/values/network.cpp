#include "models/values/network.h"

#include <cmath>
#include <utility>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/values/initial_values.h"
#include "models/workload/kinds/batch_norm.h"
#include "models/workload/lower.h"

namespace mxsim {
namespace {

[[noreturn]] void refuse(std::string message) {
  throw InputError({{"", "/workload", std::move(message)}});
}

const ShapedLayer& loss_layer(const ShapedGraph& graph) {
  const ShapedLayer* found = nullptr;
  for (const ShapedLayer& layer : graph.layers) {
    if (layer.kind->role() != LayerRole::kLoss) continue;
    if (found != nullptr) refuse("training on data takes networks with one loss");
    found = &layer;
  }
  if (found == nullptr) refuse("training on data needs a cross_entropy");
  return *found;
}

std::string only_input(const Graph& graph) {
  if (graph.inputs.size() != 1) refuse("training on data takes networks with one input");
  return graph.inputs.front().name;
}

std::unique_ptr<StepExecutor> executor_of(const Graph& graph, LoweringPolicy policy, Mode mode,
                                          const ArraySpec& array, Workers& workers) {
  policy.mode = mode;
  policy.array.reset();
  return std::make_unique<StepExecutor>(lower(graph, policy), array, workers);
}

/// visit(layer, spec, name) of every parameter.
template <class Visit>
void for_each_parameter(const ShapedGraph& graph, Visit visit) {
  for (const ShapedLayer& layer : graph.layers) {
    for (const ParameterSpec& spec : layer.kind->parameters(layer)) {
      visit(spec, layer.name + "." + std::string(spec.name));
    }
  }
}

bool has_running_averages(const ShapedLayer& layer) { return layer.kind->op() == "batch_norm"; }

}  // namespace

NetworkEnds network_ends(const Graph& graph, const Dimensions& dimensions) {
  const std::string name = only_input(graph);
  const ShapedGraph shaped = shape_graph(graph, 1, dimensions);
  const auto input = std::find_if(shaped.tensors.begin(), shaped.tensors.end(),
                                  [&](const ShapedTensor& tensor) { return tensor.name == name; });
  ensure(input != shaped.tensors.end(), "a network's input without a shape");
  return {{input->shape.begin() + 1, input->shape.end()},
          loss_layer(shaped).input_shapes[0].back()};
}

void check_trainable(const Graph& graph, LoweringPolicy policy) {
  network_ends(graph, policy.dimensions);
  if (policy.gradient_accumulation_steps != 1) {
    throw InputError({{"", "/gradient_accumulation_steps", "training on data takes 1"}});
  }
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    policy.mode = mode;
    check_functions(lower(graph, policy));
  }
}

TrainedNetwork::TrainedNetwork(const Graph& graph, LoweringPolicy policy, const ArraySpec& array,
                               Workers& workers)
    : shaped_(shape_graph(graph, policy.batch, policy.dimensions)), input_(only_input(graph)) {
  const ShapedLayer& loss = loss_layer(shaped_);
  loss_ = shaped_.tensors[static_cast<std::size_t>(loss.outputs.front())].name;
  labels_ = loss.name + ".labels";
  executor_ = executor_of(graph, std::move(policy), Mode::kTrain, array, workers);
}

NetworkTensors TrainedNetwork::initial(std::uint64_t seed) const {
  NetworkTensors tensors;
  for_each_parameter(shaped_, [&](const ParameterSpec& spec, const std::string& name) {
    tensors[name] = initial_values(spec, seed, name);
  });
  for (const std::string& name : executor_->given()) {
    const StoredTensor& tensor = executor_->tensor(name);
    if (tensor.role != TensorRole::kOptimizerState) continue;
    tensors[name].assign(static_cast<std::size_t>(tensor.rows * tensor.cols), 0.0F);
  }
  for (const ShapedLayer& layer : shaped_.layers) {
    if (!has_running_averages(layer)) continue;
    const auto channels = static_cast<std::size_t>(layer.input_shapes[0][1]);
    std::vector<float>& running = tensors[layer.name + ".running"];
    running.assign(2 * channels, 0.0F);
    std::fill(running.begin() + static_cast<std::ptrdiff_t>(channels), running.end(), 1.0F);
  }
  return tensors;
}

void TrainedNetwork::set(const NetworkTensors& tensors) {
  for (const auto& [name, values] : tensors) {
    if (executor_->has(name + ".master")) executor_->give(name + ".master", values);
    if (executor_->has(name)) executor_->give(name, values);
  }
}

NetworkTensors TrainedNetwork::tensors() {
  NetworkTensors tensors;
  for (auto& [name, values] : initial(0)) {
    const std::string held = executor_->has(name + ".master") ? name + ".master" : name;
    tensors[name] = executor_->read(held);
  }
  return tensors;
}

float TrainedNetwork::train(const Batch& batch, const StepSettings& settings) {
  executor_->give(input_, batch.inputs);
  executor_->give(labels_, batch.labels);
  executor_->run(settings);
  return executor_->read(loss_).front();
}

InferredNetwork::InferredNetwork(const Graph& graph, LoweringPolicy policy, const ArraySpec& array,
                                 Workers& workers)
    : shaped_(shape_graph(graph, policy.batch, policy.dimensions)), input_(only_input(graph)) {
  const ShapedLayer& loss = loss_layer(shaped_);
  output_ = loss.name + ".probabilities";
  classes_ = loss.input_shapes[0].back();
  policy.gradient_accumulation_steps = 1;
  executor_ = executor_of(graph, std::move(policy), Mode::kInfer, array, workers);
}

void InferredNetwork::set(const NetworkTensors& tensors) {
  std::vector<Diagnostic> faults;
  const auto find = [&](const std::string& name, std::int64_t elements) -> const float* {
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      faults.push_back({"", "", "no \"" + name + "\""});
    } else if (static_cast<std::int64_t>(found->second.size()) != elements) {
      faults.push_back({"", "",
                        "\"" + name + "\" has " + std::to_string(found->second.size()) +
                            " elements, expected " + std::to_string(elements)});
    } else {
      return found->second.data();
    }
    return nullptr;
  };
  for (const ShapedLayer& layer : shaped_.layers) {
    std::map<std::string, const float*> given;
    for (const ParameterSpec& spec : layer.kind->parameters(layer)) {
      const std::string name = layer.name + "." + std::string(spec.name);
      const auto elements = static_cast<std::size_t>(spec.rows * spec.cols);
      const float* const values = find(name, spec.rows * spec.cols);
      given[std::string(spec.name)] = values;
      if (values != nullptr && executor_->has(name)) executor_->give(name, {values, elements});
    }
    if (!has_running_averages(layer)) continue;
    const std::int64_t channels = layer.input_shapes[0][1];
    const float* const running = find(layer.name + ".running", 2 * channels);
    if (running == nullptr || given["weight"] == nullptr || given["bias"] == nullptr) continue;
    executor_->give(layer.name + ".affine",
                    folded_batch_norm(running, given["weight"], given["bias"], channels));
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

std::vector<float> InferredNetwork::classify(std::span<const float> inputs) {
  executor_->give(input_, inputs);
  executor_->run({});
  return executor_->read(output_);
}

}  // namespace mxsim
