#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/workload/mode.h"
#include "models/workload/shaped_graph.h"
#include "models/workload/step.h"
#include "models/workload/training_policy.h"

namespace mxsim {

/// What layer kinds write their steps into. It knows the network's values, keeps the gradient of
/// every tensor and adds up the gradients of tensors with several consumers.
class StepBuilder {
 public:
  StepBuilder(const ShapedGraph& graph, Mode mode, MasterWeights master);

  Mode mode() const { return mode_; }
  /// What gradients of the loss are multiplied by (the loss scale, a micro-batch's share).
  double loss_factor() const { return loss_factor_; }
  void set_loss_factor(double factor) { loss_factor_ = factor; }
  /// Steps, values and gradients below belong to this layer from now on.
  void enter(std::int32_t layer) { layer_ = layer; }

  const ShapedLayer& layer() const { return graph_.layers[layer_]; }
  ValueId input(std::size_t index) const;
  ValueId output(std::size_t index) const;
  /// The layer's output is `id` in this mode (a loss infers probabilities).
  void set_output(std::size_t index, ValueId id) { tensor_values_[layer().outputs.at(index)] = id; }
  ValueId parameter(std::string_view name) const;
  /// The first parameter of the layer whose weights this one uses.
  ValueId other_weights() const { return parameters_[other_weights_index()].value; }
  const Value& value(ValueId id) const { return list_.values[id]; }

  /// A value computed in this step, named "<layer>.<suffix>".
  ValueId make(std::string_view suffix, TensorRole role, ValueForm form, MatrixView view);
  /// The gradient of input `index`, or one consumer's share of it.
  ValueId make_input_gradient(std::size_t index);
  /// A matrix of integers of `bits` bits: computed, or given from outside.
  ValueId make_codes(std::string_view suffix, int bits, MatrixView view);
  ValueId give_codes(std::string_view suffix, int bits, MatrixView view);
  /// An FP32 matrix that exists before the step, named "<layer>.<suffix>".
  ValueId give(std::string_view suffix, TensorRole role, MatrixView view);
  /// A state of the optimizer, which the step reads and writes.
  ValueId give_state(std::string_view suffix, MatrixView view);

  /// GEMM operands of earlier steps, kept in the formats of the run and named "<layer>.<suffix>".
  ValueId give_operands(std::string_view suffix, MatrixView view);
  /// Later steps need the value too.
  void let_last(ValueId id) { list_.values[id].lasting = true; }
  /// The value becomes the last rows of `whole`, which give_operands() made.
  void append(ValueId id, ValueId whole) { list_.values[id].tail_of = whole; }

  /// Carries a value from a layer's forward to its backward.
  void keep(std::string_view key, ValueId id) { kept_[{layer_, std::string(key)}] = id; }
  ValueId kept(std::string_view key) const;

  /// Appends the step of the entered layer.
  void emit(Step step);

  /// Whether something trainable lies behind the input; if not its gradient is not computed.
  bool needs_gradient(std::size_t input_index) const;
  bool has_output_gradient(std::size_t output_index) const;
  /// Sum over all consumers of the output.
  ValueId output_gradient(std::size_t output_index) const;
  /// Adds to the gradient of an input; a second contribution emits an addition.
  void add_input_gradient(std::size_t input_index, ValueId contribution);
  /// One share of the gradient of a parameter; a second one emits an addition.
  void set_parameter_gradient(std::string_view name, ValueId gradient);
  void set_other_weights_gradient(ValueId gradient) {
    add_gradient(parameters_[other_weights_index()], gradient);
  }

  /// Parameters of all layers with their gradients, in the order of layers.
  struct Parameter {
    std::int32_t layer = -1;
    std::string name;
    ValueId value = -1;
    ValueId gradient = -1;
    bool by_gemm = false;  ///< a GEMM of pass backward_weight computes the gradient
  };
  const std::vector<Parameter>& parameters() const { return parameters_; }

  std::size_t step_count() const { return list_.steps.size(); }
  /// Of the steps from `first` on, those that compute gradients of parameters by a GEMM go to the
  /// end: what updates a parameter with their results must come after the last that reads it.
  void move_weight_gradients_last(std::size_t first);

  /// From here on the layers' forward steps are work done again: what they make are new values, and
  /// given values are not written.
  void begin_recompute() { recomputing_ = true; }
  void end_recompute() { recomputing_ = false; }
  /// New values for the outputs of the entered layer; returns the ones they replace.
  std::vector<ValueId> renew_outputs();

  StepList finish();

 private:
  ValueId add(Value value);
  /// Emits the sum of two gradients.
  ValueId emit_gradient_sum(Pass pass, Value sum, ValueId a, ValueId b);
  ValueId give_value(std::string_view suffix, TensorRole role, ValueForm form, MatrixView view);
  /// Inputs and outputs of unlinked layers.
  void let_pass();
  void add_parameters(std::int32_t layer);
  void mark_trainable();
  std::size_t other_weights_index() const;
  void add_gradient(Parameter& parameter, ValueId gradient);

  const ShapedGraph& graph_;
  Mode mode_;
  MasterWeights master_;
  double loss_factor_ = 1;
  bool recomputing_ = false;
  std::int32_t layer_ = -1;
  StepList list_;
  std::vector<ValueId> tensor_values_;
  std::vector<ValueId> tensor_gradients_;
  std::vector<bool> trainable_;  ///< tensors with a parameter behind them
  std::vector<Parameter> parameters_;
  std::map<std::pair<std::int32_t, std::string>, ValueId> kept_;
  std::map<std::pair<std::int32_t, std::string>, ValueId> given_;  ///< by layer and suffix
  std::map<std::pair<std::int32_t, std::string>, std::size_t> parameter_index_;
};

}  // namespace mxsim
