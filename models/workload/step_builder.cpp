#include "models/workload/step_builder.h"

#include <algorithm>

#include "models/workload/element_function.h"

namespace mxsim {
namespace {

/// Of values that are computed a second time.
constexpr const char* kAgain = ".again";

}  // namespace

StepBuilder::StepBuilder(const ShapedGraph& graph, Mode mode, MasterWeights master)
    : graph_(graph), mode_(mode), master_(master), tensor_gradients_(graph.tensors.size(), -1) {
  for (const ShapedTensor& tensor : graph.tensors) {
    Value value;
    value.name = tensor.name;
    value.origin = tensor.producer < 0 ? ValueOrigin::kGiven : ValueOrigin::kComputed;
    value.view = matrix_view(tensor.shape);
    value.layer = tensor.producer;
    if (tensor.producer >= 0 && graph.layers[tensor.producer].kind->role() == LayerRole::kLoss) {
      value.role = TensorRole::kStatistic;
      value.form = ValueForm::kFp32;
    }
    tensor_values_.push_back(add(value));
  }
  if (graph.unlinked) let_pass();
  for (std::size_t l = 0; l < graph.layers.size(); ++l) {
    add_parameters(static_cast<std::int32_t>(l));
  }
  mark_trainable();
}

void StepBuilder::let_pass() {
  for (std::size_t t = 0; t < graph_.tensors.size(); ++t) {
    if (graph_.tensors[t].producer < 0) list_.values[tensor_values_[t]].passing = true;
  }
  for (const std::int32_t output : graph_.outputs) {
    list_.values[tensor_values_[output]].passing = true;
  }
}

ValueId StepBuilder::add(Value value) {
  list_.values.push_back(std::move(value));
  return static_cast<ValueId>(list_.values.size() - 1);
}

void StepBuilder::add_parameters(std::int32_t layer_index) {
  enter(layer_index);
  if (layer().weights_of >= 0) {
    for (const ParameterSpec& spec : layer().kind->parameters(layer())) {
      const std::string name(spec.name);
      parameter_index_[{layer_index, name}] = parameter_index_.at({layer().weights_of, name});
    }
    return;
  }
  for (const ParameterSpec& spec : layer().kind->parameters(layer())) {
    const MatrixView view{spec.rows, spec.cols};
    Parameter parameter{layer_index, std::string(spec.name), -1, -1};
    if (spec.use == ParameterUse::kVector) {
      parameter.value = give(spec.name, TensorRole::kMasterWeight, view);
    } else {
      Value weight;
      weight.name = layer().name + "." + parameter.name;
      weight.role = TensorRole::kWeight;
      weight.form = ValueForm::kParameter;
      weight.origin = ValueOrigin::kGiven;
      weight.view = view;
      weight.layer = layer_index;
      if (mode_ == Mode::kTrain && master_ != MasterWeights::kNone) {
        const bool wide = master_ == MasterWeights::kWide;
        weight.master = give_value(parameter.name + ".master", TensorRole::kMasterWeight,
                                   wide ? ValueForm::kWide : ValueForm::kFp32, view);
      }
      parameter.value = add(weight);
    }
    parameter_index_[{layer_index, parameter.name}] = parameters_.size();
    parameters_.push_back(parameter);
  }
}

void StepBuilder::mark_trainable() {
  trainable_.assign(graph_.tensors.size(), false);
  for (const ShapedLayer& layer : graph_.layers) {
    bool behind = !layer.kind->parameters(layer).empty() || layer.weights_of >= 0;
    for (const std::int32_t input : layer.inputs) behind = behind || trainable_[input];
    for (const std::int32_t output : layer.outputs) trainable_[output] = behind;
  }
}

ValueId StepBuilder::input(std::size_t index) const {
  return tensor_values_[layer().inputs.at(index)];
}

ValueId StepBuilder::output(std::size_t index) const {
  return tensor_values_[layer().outputs.at(index)];
}

ValueId StepBuilder::parameter(std::string_view name) const {
  const auto found = parameter_index_.find({layer_, std::string(name)});
  ensure(found != parameter_index_.end(), "layer kind uses a parameter it does not declare");
  return parameters_[found->second].value;
}

ValueId StepBuilder::make(std::string_view suffix, TensorRole role, ValueForm form,
                          MatrixView view) {
  Value value;
  value.name = layer().name + "." + std::string(suffix) + (recomputing_ ? kAgain : "");
  value.role = role;
  value.form = form;
  value.view = view;
  value.layer = layer_;
  return add(value);
}

ValueId StepBuilder::make_input_gradient(std::size_t index) {
  const Value& original = value(input(index));
  Value gradient;
  gradient.name = original.name + ".grad";
  if (tensor_gradients_[layer().inputs[index]] >= 0) gradient.name += "." + layer().name;
  gradient.role = TensorRole::kGradient;
  gradient.view = original.view;
  gradient.layer = original.layer;
  return add(gradient);
}

ValueId StepBuilder::make_codes(std::string_view suffix, int bits, MatrixView view) {
  const ValueId id = make(suffix, TensorRole::kStatistic, ValueForm::kCode, view);
  list_.values[id].code_bits = bits;
  return id;
}

ValueId StepBuilder::give_value(std::string_view suffix, TensorRole role, ValueForm form,
                                MatrixView view) {
  const auto known = given_.find({layer_, std::string(suffix)});
  if (known != given_.end()) return known->second;
  const ValueId id = make(suffix, role, form, view);
  list_.values[id].origin = ValueOrigin::kGiven;
  given_[{layer_, std::string(suffix)}] = id;
  return id;
}

ValueId StepBuilder::give_operands(std::string_view suffix, MatrixView view) {
  return give_value(suffix, TensorRole::kActivation, ValueForm::kParameter, view);
}

ValueId StepBuilder::give(std::string_view suffix, TensorRole role, MatrixView view) {
  return give_value(suffix, role, ValueForm::kFp32, view);
}

ValueId StepBuilder::give_state(std::string_view suffix, MatrixView view) {
  return give_value(suffix, TensorRole::kOptimizerState, ValueForm::kState, view);
}

ValueId StepBuilder::give_codes(std::string_view suffix, int bits, MatrixView view) {
  const ValueId id = give_value(suffix, TensorRole::kStatistic, ValueForm::kCode, view);
  list_.values[id].code_bits = bits;
  return id;
}

ValueId StepBuilder::kept(std::string_view key) const {
  const auto found = kept_.find({layer_, std::string(key)});
  ensure(found != kept_.end(), "layer kind asks for a value its forward did not keep");
  return found->second;
}

void StepBuilder::emit(Step step) {
  step.layer = layer_;
  if (layer().cost_alone && step.pass != Pass::kUpdate) step.function = {};
  if (recomputing_) {
    step.pass = Pass::kRecompute;
    std::erase_if(step.writes,
                  [&](ValueId v) { return list_.values[v].origin == ValueOrigin::kGiven; });
  }
  list_.steps.push_back(std::move(step));
}

bool StepBuilder::needs_gradient(std::size_t input_index) const {
  return trainable_[layer().inputs.at(input_index)];
}

bool StepBuilder::has_output_gradient(std::size_t output_index) const {
  return tensor_gradients_[layer().outputs.at(output_index)] >= 0;
}

ValueId StepBuilder::output_gradient(std::size_t output_index) const {
  ensure(has_output_gradient(output_index), "backward of a layer no loss depends on");
  return tensor_gradients_[layer().outputs.at(output_index)];
}

void StepBuilder::add_input_gradient(std::size_t input_index, ValueId contribution) {
  ValueId& total = tensor_gradients_[layer().inputs.at(input_index)];
  if (total < 0) {
    total = contribution;
    return;
  }
  Value sum = value(input(input_index));
  sum.name += ".grad_sum." + layer().name;
  if (contribution == total) sum.name += "." + std::to_string(input_index);
  sum.role = TensorRole::kGradient;
  sum.form = ValueForm::kByPolicy;
  sum.origin = ValueOrigin::kComputed;
  total = emit_gradient_sum(Pass::kBackwardData, sum, contribution, total);
}

ValueId StepBuilder::emit_gradient_sum(Pass pass, Value sum, ValueId a, ValueId b) {
  Step step;
  step.pass = pass;
  step.op = "gradient_add";
  step.grid = sum.view;
  step.ops = {{Event::kVectorAdd, 1}};
  step.function = added();
  step.reads = {a, b};
  step.writes = {add(std::move(sum))};
  emit(step);
  return step.writes.front();
}

void StepBuilder::set_parameter_gradient(std::string_view name, ValueId gradient) {
  add_gradient(parameters_[parameter_index_.at({layer_, std::string(name)})], gradient);
}

std::size_t StepBuilder::other_weights_index() const {
  const std::int32_t owner = layer().weights_of;
  const auto found =
      std::find_if(parameters_.begin(), parameters_.end(),
                   [&](const Parameter& parameter) { return parameter.layer == owner; });
  ensure(found != parameters_.end(), "a layer uses weights of a layer without");
  return static_cast<std::size_t>(found - parameters_.begin());
}

void StepBuilder::add_gradient(Parameter& parameter, ValueId gradient) {
  const ValueId before = parameter.gradient;
  parameter.gradient = gradient;
  const Step& last = list_.steps.back();
  parameter.by_gemm = last.kind == StepKind::kGemm && last.writes.front() == gradient;
  if (before < 0) return;
  Value sum = value(before);
  sum.name += "_sum";
  if (value(parameter.value).form == ValueForm::kParameter) sum.form = ValueForm::kWide;
  parameter.gradient = emit_gradient_sum(Pass::kBackwardWeight, sum, gradient, before);
  parameter.by_gemm = false;
}

void StepBuilder::move_weight_gradients_last(std::size_t first) {
  std::stable_partition(list_.steps.begin() + static_cast<std::ptrdiff_t>(first), list_.steps.end(),
                        [&](const Step& step) {
                          return step.kind != StepKind::kGemm || step.pass != Pass::kBackwardWeight;
                        });
}

std::vector<ValueId> StepBuilder::renew_outputs() {
  std::vector<ValueId> first;
  for (std::size_t i = 0; i < layer().outputs.size(); ++i) {
    first.push_back(output(i));
    Value again = value(first.back());
    again.name += kAgain;
    set_output(i, add(again));
  }
  return first;
}

StepList StepBuilder::finish() {
  for (const std::int32_t output : graph_.outputs) {
    list_.outputs.push_back(tensor_values_[output]);
  }
  return std::move(list_);
}

}  // namespace mxsim
