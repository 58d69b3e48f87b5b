#include "models/values/network.h"

#include <cmath>
#include <utility>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "models/values/given_parameters.h"
#include "models/values/initial_states.h"
#include "models/values/initial_values.h"
#include "models/values/rotary_angles.h"
#include "models/workload/lower.h"
#include "models/workload/own_parameters.h"

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
  if (found == nullptr) refuse("training on data needs a cross_entropy or next_token");
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
    for (const ParameterSpec& spec : own_parameters(layer)) {
      visit(spec, layer.name + "." + std::string(spec.name));
    }
  }
}

bool has_running_averages(const ShapedLayer& layer) { return layer.kind->op() == "batch_norm"; }

bool is_over_tokens(const ShapedLayer& loss) { return loss.kind->op() == "next_token"; }

void refuse_unknown_constants(const ShapedGraph& graph) {
  for (const ShapedLayer& layer : graph.layers) {
    const std::string_view op = layer.kind->op();
    const bool holds = op == "add_constant" || op == "multiply_constant" || op == "prelu";
    if (holds && layer.attributes.scalar("trained") == 0) {
      refuse("layer \"" + layer.name + "\": its constant is not known");
    }
  }
}

}  // namespace

NetworkEnds network_ends(const Graph& graph, const Dimensions& dimensions) {
  const std::string name = only_input(graph);
  const ShapedGraph shaped = shape_graph(graph, 1, dimensions);
  const auto input = std::find_if(shaped.tensors.begin(), shaped.tensors.end(),
                                  [&](const ShapedTensor& tensor) { return tensor.name == name; });
  ensure(input != shaped.tensors.end(), "a network's input without a shape");
  const Shape& scores = loss_layer(shaped).input_shapes[0];
  return {{input->shape.begin() + 1, input->shape.end()},
          scores.back(),
          elements(scores) / scores.back()};
}

void check_trainable(const Graph& graph, LoweringPolicy policy) {
  network_ends(graph, policy.dimensions);
  refuse_unknown_constants(shape_graph(graph, 1, policy.dimensions));
  for (const Mode mode : {Mode::kTrain, Mode::kInfer}) {
    policy.mode = mode;
    if (mode == Mode::kInfer) policy.gradient_accumulation_steps = 1;
    check_functions(lower(graph, policy));
  }
}

TrainedNetwork::TrainedNetwork(const Graph& graph, LoweringPolicy policy, const ArraySpec& array,
                               Workers& workers)
    : shaped_(
          shape_graph(graph, policy.batch / policy.gradient_accumulation_steps, policy.dimensions)),
      parts_(policy.gradient_accumulation_steps),
      input_(only_input(graph)) {
  const ShapedLayer& loss = loss_layer(shaped_);
  loss_ = shaped_.tensors[static_cast<std::size_t>(loss.outputs.front())].name;
  labels_ = loss.name + ".labels";
  if (loss.attributes.scalar("teacher") == 1) teacher_ = loss.name + ".teacher";
  executor_ = executor_of(graph, std::move(policy), Mode::kTrain, array, workers);
  give_rotary_angles(shaped_, parts_, *executor_);
  give_initial_states(shaped_, parts_, *executor_);
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

void TrainedNetwork::give_part(const std::string& value, const std::vector<float>& all,
                               std::int64_t part) {
  const std::size_t size = all.size() / static_cast<std::size_t>(parts_);
  executor_->give(micro_batch_name(value, part),
                  std::span(all).subspan(static_cast<std::size_t>(part) * size, size));
}

float TrainedNetwork::train(const Batch& batch, const StepSettings& settings) {
  for (std::int64_t part = 0; part < parts_; ++part) {
    give_part(input_, batch.inputs, part);
    give_part(labels_, batch.labels, part);
    if (!teacher_.empty()) give_part(teacher_, batch.teacher, part);
  }
  executor_->run(settings);
  float loss = 0;
  for (std::int64_t part = 0; part < parts_; ++part) {
    loss += executor_->read(micro_batch_name(loss_, part)).front();
  }
  return loss / static_cast<float>(parts_);
}

InferredNetwork::InferredNetwork(const Graph& graph, LoweringPolicy policy, const ArraySpec& array,
                                 Workers& workers)
    : shaped_(shape_graph(graph, policy.batch, policy.dimensions)), input_(only_input(graph)) {
  const ShapedLayer& loss = loss_layer(shaped_);
  output_ = loss.name + ".probabilities";
  classes_ = loss.input_shapes[0].back();
  whole_text_ = is_over_tokens(loss);
  policy.gradient_accumulation_steps = 1;
  executor_ = executor_of(graph, std::move(policy), whole_text_ ? Mode::kTrain : Mode::kInfer,
                          array, workers);
  give_rotary_angles(shaped_, 1, *executor_);
  give_initial_states(shaped_, 1, *executor_);
  if (whole_text_) {
    const std::int64_t labels = elements(loss.input_shapes[0]) / classes_;
    executor_->give(loss.name + ".labels", std::vector<float>(static_cast<std::size_t>(labels)));
  }
}

void InferredNetwork::set(const NetworkTensors& tensors) {
  give_parameters(shaped_, tensors, *executor_);
}

void InferredNetwork::give(std::span<const float> inputs) { executor_->give(input_, inputs); }

std::vector<std::size_t> InferredNetwork::forward_groups() const {
  std::vector<std::size_t> groups;
  const std::vector<OpGroup>& all = executor_->ops().groups;
  for (std::size_t group = 0; group < all.size(); ++group) {
    if (!whole_text_ || all[group].pass == Pass::kForward) groups.push_back(group);
  }
  return groups;
}

std::vector<float> InferredNetwork::classify(std::span<const float> inputs) {
  give(inputs);
  if (whole_text_) {
    executor_->run_forward({});
  } else {
    executor_->run({});
  }
  return executor_->read(output_);
}

}  // namespace mxsim
