#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/layer_kind.h"
#include "models/workload/step_builder.h"

namespace mxsim {

/// Extents of a recurrent layer: `rows` sequences of `tokens` each.
struct RecurrentShape {
  std::int64_t rows = 1;
  std::int64_t tokens = 1;
  std::int64_t inputs = 1;
  std::int64_t hidden = 1;
  std::int64_t gates = 1;
  std::int64_t product_gates = 1;  ///< that the product of the hidden state before a token feeds

  MatrixView state() const { return {rows, hidden}; }
  MatrixView token_gates() const { return {rows, gates * hidden}; }
  MatrixView token_product() const { return {rows, product_gates * hidden}; }
  MatrixView all_gates() const { return {rows * tokens, gates * hidden}; }
};

/// What one token leaves for the next; -1: nothing.
struct RecurrentState {
  ValueId hidden = -1;
  ValueId cell = -1;
};

/// One token of every sequence. Values of a token are named "<suffix>.<number>".
struct RecurrentToken {
  std::int64_t number = 0;
  ValueId projection = -1;  ///< of the token, with its biases
  ValueId product = -1;     ///< of the hidden state before it
  RecurrentState before;
  RecurrentState after;  ///< outputs of the layer that the states become
};

/// Gradients that reach a token; `hidden` are summands.
struct RecurrentAbove {
  std::vector<ValueId> hidden;
  ValueId cell = -1;
};

/// Gradients that leave a token. `before.hidden`: the share that passes no product.
struct RecurrentBelow {
  ValueId projection = -1;
  ValueId product = -1;
  RecurrentState before;
};

inline constexpr std::array<AttributeSpec, 5> kRecurrentAttributes{{
    {"hidden", AttributeForm::kScalar, {}, 1, kLargestExtent, "features of the hidden state"},
    {"bias", AttributeForm::kScalar, 1, 0, 1, "whether both products have a bias"},
    {"reverse", AttributeForm::kScalar, 0, 0, 1, "whether the last token comes first"},
    {"sequence", AttributeForm::kScalar, 1, 0, 1, "whether all hidden states are the output"},
    {"sequences", AttributeForm::kScalar, 1, 1, kLargestExtent, "sequences of a batch element"},
}};

/// A layer that works through the tokens of sequences one after the other: N, S T, C, where
/// `sequences` is S (the tokens of a sequence are neighbours), to N, S T, H. Further inputs are the
/// hidden state (and the cell) before the first token, N, H or N, S, H, zero when left out; further
/// outputs are those behind the last. `sequence` 0: the outputs are the states alone. `reverse` 1
/// begins at the last token.
///
/// The projections of all tokens are one product. A pass of its own cuts it into tokens, and
/// another joins their hidden states. Each token multiplies the hidden state before it by the
/// recurrent weights (zero before the first token, and multiplied like the others, as MAC counts of
/// the field have it: gates * hidden * (inputs + hidden) a token) and waits for the token before.
/// The backward pass goes through the tokens the other way; gradients of both weights are one
/// product each over all tokens.
class Recurrent : public LayerKind {
 public:
  std::size_t most_inputs() const override { return has_cell() ? 3 : 2; }
  std::size_t most_outputs() const override { return has_cell() ? 3 : 2; }
  std::span<const AttributeSpec> attributes() const override { return kRecurrentAttributes; }
  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override;
  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override;
  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override;
  void forward(const ShapedLayer& layer, StepBuilder& steps) const override;
  void backward(const ShapedLayer& layer, StepBuilder& steps) const override;

 protected:
  virtual std::int64_t gates() const = 0;
  virtual bool has_cell() const { return false; }
  /// Gates that the product with the parameter "recurrent" feeds: the first ones.
  virtual std::int64_t product_gates(const ShapedLayer&) const { return gates(); }
  /// Whether the recurrent bias joins the product of the state, not the projection.
  virtual bool adds_recurrent_bias(const ShapedLayer&) const { return false; }
  virtual RecurrentState emit_token(const RecurrentShape& shape, const RecurrentToken& token,
                                    StepBuilder& steps) const = 0;
  virtual RecurrentBelow emit_token_gradient(const RecurrentShape& shape,
                                             const RecurrentToken& token,
                                             const RecurrentAbove& above,
                                             StepBuilder& steps) const = 0;
  /// Gradients of parameters beyond weights and biases of both products.
  virtual void emit_own_gradients(const RecurrentShape&, StepBuilder&) const {}

 private:
  RecurrentShape shape_of(const ShapedLayer& layer) const;
  void check_states(const ShapedLayer& layer, const RecurrentShape& shape,
                    LayerFaults& faults) const;
  ValueId emit_projections(const RecurrentShape& shape, StepBuilder& steps) const;
  RecurrentState initial_state(const RecurrentShape& shape, StepBuilder& steps) const;
  RecurrentState last_state(const RecurrentShape& shape, const StepBuilder& steps) const;
  void set_outputs(const RecurrentShape& shape, const std::vector<ValueId>& hidden,
                   const RecurrentState& last, StepBuilder& steps) const;
  RecurrentAbove gradients_above(StepBuilder& steps) const;
  void emit_parameter_gradients(const RecurrentShape& shape, ValueId projections, ValueId products,
                                ValueId first_product, StepBuilder& steps) const;
};

/// The value `given`, or a new one for a state of the token.
ValueId state_value(ValueId given, std::string_view suffix, const RecurrentShape& shape,
                    std::int64_t token, StepBuilder& steps);

/// "<suffix>.<token>"
std::string token_name(std::string_view suffix, std::int64_t token);

/// A new value of the token.
ValueId token_value(std::string_view suffix, std::int64_t token, TensorRole role, MatrixView view,
                    StepBuilder& steps);

/// Values of all tokens as one, named `suffix`.
ValueId joined_tokens(Pass pass, std::string_view suffix, TensorRole role,
                      const std::vector<ValueId>& parts, MatrixView view, StepBuilder& steps);

/// The gradient of a parameter: the sum over the rows of both operands.
void emit_weight_sum(const GemmWork& work, ValueId a, ValueId b, const std::string& parameter,
                     std::string_view suffix, StepBuilder& steps);

/// rows x channels times channels x columns.
WeightedLayer product_of(std::int64_t rows, std::int64_t channels, std::int64_t columns);

/// Operations of so many gates, counted for each row of a grid without a GEMM.
std::vector<VectorOps> operations_a_row(std::vector<VectorOps> an_element, std::int64_t elements);

}  // namespace mxsim
