#include "models/workload/kinds/recurrent.h"

#include <algorithm>
#include <utility>

#include "models/workload/element_function.h"
#include "models/workload/kinds/recurrent_functions.h"
#include "models/workload/kinds/sum_step.h"

namespace mxsim {
namespace {

constexpr std::int64_t kMostTokens = 4096;

bool has_bias(const ShapedLayer& layer) { return layer.attributes.scalar("bias") == 1; }
bool keeps_sequence(const ShapedLayer& layer) { return layer.attributes.scalar("sequence") == 1; }
/// Output that holds the last hidden state.
std::size_t state_output(const ShapedLayer& layer) { return keeps_sequence(layer) ? 1 : 0; }

/// Numbers of the tokens in the order of time.
std::vector<std::int64_t> order_of(const ShapedLayer& layer, std::int64_t tokens) {
  std::vector<std::int64_t> order;
  for (std::int64_t t = 0; t < tokens; ++t) order.push_back(t);
  if (layer.attributes.scalar("reverse") == 1) std::reverse(order.begin(), order.end());
  return order;
}

WeightedLayer projection(const RecurrentShape& s) {
  return product_of(s.rows * s.tokens, s.inputs, s.gates * s.hidden);
}
WeightedLayer recurrence(const RecurrentShape& s) {
  return product_of(s.rows, s.hidden, s.product_gates * s.hidden);
}

/// Sums over all tokens the hidden state before each, which is the token before it: a window of one
/// tap that is shifted by one.
GemmWork recurrent_gradient(const ShapedLayer& layer, const RecurrentShape& s) {
  GemmWork work = recurrence(s).weight_gradient();
  work.images = s.rows;
  work.h.in = work.h.out = s.tokens;
  work.h.pad = layer.attributes.scalar("reverse") == 1 ? -1 : 1;
  return work;
}

/// The tokens of `all`, values of their own.
std::vector<ValueId> cut(Pass pass, std::string_view suffix, TensorRole role, ValueId all,
                         const RecurrentShape& s, StepBuilder& steps) {
  if (s.tokens == 1) return {all};
  Step step;
  step.pass = pass;
  step.kind = StepKind::kWindowed;
  step.op = "tokens";
  step.grid = {s.rows, steps.value(all).view.cols};
  step.function = step_function<CutTokensKernel>();
  step.reads = {all};
  for (std::int64_t t = 0; t < s.tokens; ++t) {
    step.writes.push_back(steps.make(token_name(suffix, t), role, ValueForm::kByPolicy, step.grid));
  }
  std::vector<ValueId> parts = step.writes;
  steps.emit(std::move(step));
  return parts;
}

void join(Pass pass, const std::vector<ValueId>& parts, ValueId all, StepBuilder& steps) {
  Step step;
  step.pass = pass;
  step.kind = StepKind::kWindowed;
  step.op = "sequence";
  step.grid = steps.value(all).view;
  step.function = step_function<JoinTokensKernel>();
  step.reads = parts;
  step.writes = {all};
  steps.emit(std::move(step));
}

RecurrentToken kept_token(std::int64_t number, StepBuilder& steps, bool has_cell) {
  RecurrentToken token{number, steps.kept(token_name("projection", number)), -1, {}, {}};
  token.before.hidden = steps.kept(token_name("before", number));
  if (has_cell) token.before.cell = steps.kept(token_name("cell_before", number));
  return token;
}

void keep_token(const RecurrentToken& token, StepBuilder& steps) {
  steps.keep(token_name("projection", token.number), token.projection);
  steps.keep(token_name("before", token.number), token.before.hidden);
  steps.keep(token_name("cell_before", token.number), token.before.cell);
}

bool input_needs_gradient(std::size_t index, const StepBuilder& steps) {
  return index < steps.layer().inputs.size() && steps.needs_gradient(index);
}

/// The sum of one or two shares.
ValueId summed(const std::vector<ValueId>& shares, std::string_view suffix, StepBuilder& steps) {
  if (shares.size() == 1) return shares[0];
  Step step;
  step.pass = Pass::kBackwardData;
  step.op = "gradient_add";
  step.grid = steps.value(shares[0]).view;
  step.ops = {{Event::kVectorAdd, 1}};
  step.function = added();
  step.reads = shares;
  step.writes = {steps.make(suffix, TensorRole::kGradient, ValueForm::kByPolicy, step.grid)};
  const ValueId sum = step.writes[0];
  steps.emit(std::move(step));
  return sum;
}

/// The gradient of the hidden state before a token: through the product, and past it.
std::vector<ValueId> hidden_shares(const RecurrentShape& s, std::int64_t token,
                                   const RecurrentBelow& below, StepBuilder& steps) {
  const ValueId gradient = steps.make(token_name("before.grad", token), TensorRole::kGradient,
                                      ValueForm::kByPolicy, s.state());
  emit_gemm(Pass::kBackwardData, recurrence(s).data_gradient(),
            {below.product, ReductionAxis::kCols},
            {steps.parameter("recurrent"), ReductionAxis::kCols}, gradient, steps);
  std::vector<ValueId> shares{gradient};
  if (below.before.hidden >= 0) shares.push_back(below.before.hidden);
  return shares;
}

}  // namespace

WeightedLayer product_of(std::int64_t rows, std::int64_t channels, std::int64_t columns) {
  WeightedLayer layer;
  layer.forward.h.in = layer.forward.h.out = rows;
  layer.forward.channels = channels;
  layer.forward.n = columns;
  return layer;
}

ValueId joined_tokens(Pass pass, std::string_view suffix, TensorRole role,
                      const std::vector<ValueId>& parts, MatrixView view, StepBuilder& steps) {
  if (parts.size() == 1) return parts[0];
  const ValueId all = steps.make(suffix, role, ValueForm::kByPolicy, view);
  join(pass, parts, all, steps);
  return all;
}

void emit_weight_sum(const GemmWork& work, ValueId a, ValueId b, const std::string& parameter,
                     std::string_view suffix, StepBuilder& steps) {
  const ValueId gradient = steps.make(suffix, TensorRole::kWeightGradient, ValueForm::kWide,
                                      steps.value(steps.parameter(parameter)).view);
  emit_gemm(Pass::kBackwardWeight, {work}, {a, ReductionAxis::kRows}, {b, ReductionAxis::kRows},
            gradient, steps);
  steps.set_parameter_gradient(parameter, gradient);
}

std::string token_name(std::string_view suffix, std::int64_t token) {
  return std::string(suffix) + "." + std::to_string(token);
}

ValueId token_value(std::string_view suffix, std::int64_t token, TensorRole role, MatrixView view,
                    StepBuilder& steps) {
  return steps.make(token_name(suffix, token), role, ValueForm::kByPolicy, view);
}

ValueId state_value(ValueId given, std::string_view suffix, const RecurrentShape& shape,
                    std::int64_t token, StepBuilder& steps) {
  if (given >= 0) return given;
  return token_value(suffix, token, TensorRole::kActivation, shape.state(), steps);
}

std::vector<VectorOps> operations_a_row(std::vector<VectorOps> an_element, std::int64_t elements) {
  for (VectorOps& ops : an_element) ops = {ops.op, 0, ops.per_element * elements};
  return an_element;
}

RecurrentShape Recurrent::shape_of(const ShapedLayer& layer) const {
  const Shape& in = layer.input_shapes[0];
  const std::int64_t sequences = layer.attributes.scalar("sequences");
  return {in[0] * sequences, in[1] / sequences,   in[2], layer.attributes.scalar("hidden"),
          gates(),           product_gates(layer)};
}

void Recurrent::check_states(const ShapedLayer& layer, const RecurrentShape& shape,
                             LayerFaults& faults) const {
  for (std::size_t i = 1; i < layer.input_shapes.size(); ++i) {
    const MatrixView view = matrix_view(layer.input_shapes[i]);
    if (layer.input_shapes[i].size() < 4 && view == shape.state()) continue;
    faults.add("/inputs/" + std::to_string(i), "shape " + to_string(layer.input_shapes[i]) +
                                                   " is no state of " + std::to_string(shape.rows) +
                                                   " sequences and " +
                                                   std::to_string(shape.hidden) + " features");
  }
  const std::size_t outputs = state_output(layer) + (has_cell() ? 2 : 1);
  if (layer.outputs.size() > outputs) {
    faults.add("/outputs", "the layer has " + std::to_string(outputs) + " outputs at most");
  }
}

std::vector<Shape> Recurrent::infer(const ShapedLayer& layer, LayerFaults& faults) const {
  const Shape& in = layer.input_shapes[0];
  const std::int64_t sequences = layer.attributes.scalar("sequences");
  if (in.size() != 3 || in[1] % sequences != 0) {
    faults.add("/inputs/0", "shape " + to_string(in) + " is no batch of tokens (N, T, C)" +
                                (in.size() == 3 ? " of " + std::to_string(sequences) + " sequences"
                                                : std::string()));
    return {};
  }
  if (in[1] / sequences > kMostTokens) {
    faults.add("/inputs/0", std::to_string(in[1] / sequences) + " tokens one after the other, at " +
                                "most " + std::to_string(kMostTokens));
    return {};
  }
  const std::int64_t hidden = layer.attributes.scalar("hidden");
  if (!checked_elements({in[0], in[1], gates() * hidden, 64}) ||
      !checked_elements({std::max(in[2], hidden), gates() * hidden, 64})) {
    faults.add("/attributes/hidden", "the gates exceed 2^63 bits");
    return {};
  }
  check_states(layer, shape_of(layer), faults);
  if (!faults.none()) return {};
  const Shape state = sequences == 1 ? Shape{in[0], hidden} : Shape{in[0], sequences, hidden};
  std::vector<Shape> outputs;
  if (keeps_sequence(layer)) outputs.push_back({in[0], in[1], hidden});
  while (outputs.size() < layer.outputs.size()) outputs.push_back(state);
  return outputs;
}

std::vector<ParameterSpec> Recurrent::parameters(const ShapedLayer& layer) const {
  const std::int64_t hidden = layer.attributes.scalar("hidden");
  const std::int64_t columns = gates() * hidden;
  std::vector<ParameterSpec> all{
      {"weight", ParameterUse::kGemmOperand, layer.input_shapes[0][2], columns},
      {"recurrent", ParameterUse::kGemmOperand, hidden, product_gates(layer) * hidden}};
  if (!has_bias(layer)) return all;
  for (const char* name : {"bias", "recurrent_bias"}) {
    all.push_back({name, ParameterUse::kVector, 1, columns, InitialValues::kZeros});
  }
  return all;
}

std::vector<std::int64_t> Recurrent::mac_factors(const ShapedLayer& layer) const {
  const RecurrentShape s = shape_of(layer);
  return {s.rows, s.tokens, s.gates * s.hidden, s.inputs + s.hidden};
}

ValueId Recurrent::emit_projections(const RecurrentShape& shape, StepBuilder& steps) const {
  const bool biased = has_bias(steps.layer());
  const auto make = [&](std::string_view suffix) {
    return steps.make(suffix, TensorRole::kActivation, ValueForm::kByPolicy, shape.all_gates());
  };
  const ValueId product = make("projected");
  emit_gemm(Pass::kForward, {projection(shape).forward}, {steps.input(0), ReductionAxis::kCols},
            {steps.parameter("weight"), ReductionAxis::kRows}, product, steps);
  if (!biased) return product;
  Step bias;
  bias.op = "bias";
  bias.grid = shape.all_gates();
  bias.reads = {product};
  bias.broadcasts = {steps.parameter("bias")};
  bias.function = added();
  if (!adds_recurrent_bias(steps.layer())) {
    bias.broadcasts.push_back(steps.parameter("recurrent_bias"));
    bias.function = element([](auto x, auto a, auto b) { return x + (a + b); });
  }
  bias.ops = {{Event::kVectorAdd, static_cast<std::int64_t>(bias.broadcasts.size())}};
  bias.writes = {make("projections")};
  const ValueId sum = bias.writes[0];
  steps.emit(std::move(bias));
  return sum;
}

RecurrentState Recurrent::initial_state(const RecurrentShape& shape, StepBuilder& steps) const {
  const std::size_t inputs = steps.layer().inputs.size();
  RecurrentState state;
  state.hidden = inputs > 1 ? steps.input(1) : steps.give_operands("initial_hidden", shape.state());
  if (!has_cell()) return state;
  state.cell = inputs > 2 ? steps.input(2)
                          : steps.give("initial_cell", TensorRole::kActivation, shape.state());
  return state;
}

/// The outputs that hold the states behind the last token.
RecurrentState Recurrent::last_state(const RecurrentShape& shape, const StepBuilder& steps) const {
  const ShapedLayer& layer = steps.layer();
  const std::size_t first = state_output(layer);
  RecurrentState state;
  if (layer.outputs.size() > first + 1) state.cell = steps.output(first + 1);
  if (keeps_sequence(layer) && shape.tokens == 1) {
    state.hidden = steps.output(0);
  } else if (layer.outputs.size() > first) {
    state.hidden = steps.output(first);
  }
  return state;
}

void Recurrent::set_outputs(const RecurrentShape& shape, const std::vector<ValueId>& hidden,
                            const RecurrentState& last, StepBuilder& steps) const {
  const ShapedLayer& layer = steps.layer();
  const bool keeps = keeps_sequence(layer);
  if (shape.tokens == 1) {
    steps.keep("hidden", hidden[0]);
  } else if (keeps || steps.mode() == Mode::kTrain) {
    const ValueId all = keeps ? steps.output(0)
                              : steps.make("hidden", TensorRole::kActivation, ValueForm::kByPolicy,
                                           {shape.rows * shape.tokens, shape.hidden});
    join(Pass::kForward, hidden, all, steps);
    steps.keep("hidden", all);
  }
  const std::size_t first = state_output(layer);
  if (keeps && layer.outputs.size() > first) steps.set_output(first, last.hidden);
}

void Recurrent::forward(const ShapedLayer& layer, StepBuilder& steps) const {
  const RecurrentShape shape = shape_of(layer);
  const ValueId projections = emit_projections(shape, steps);
  const std::vector<ValueId> inputs =
      cut(Pass::kForward, "projection", TensorRole::kActivation, projections, shape, steps);
  RecurrentState state = initial_state(shape, steps);
  std::vector<ValueId> hidden(inputs.size());
  const std::vector<std::int64_t> order = order_of(layer, shape.tokens);
  for (const std::int64_t number : order) {
    const auto at = static_cast<std::size_t>(number);
    RecurrentToken token{number, inputs[at], -1, state, {}};
    if (number == order.back()) token.after = last_state(shape, steps);
    token.product = steps.make(token_name("product", number), TensorRole::kActivation,
                               ValueForm::kByPolicy, shape.token_product());
    emit_gemm(Pass::kForward, {recurrence(shape).forward}, {state.hidden, ReductionAxis::kCols},
              {steps.parameter("recurrent"), ReductionAxis::kRows}, token.product, steps);
    keep_token(token, steps);
    state = emit_token(shape, token, steps);
    hidden[at] = state.hidden;
  }
  set_outputs(shape, hidden, state, steps);
}

/// What reaches the last token beside the sequence's gradient.
RecurrentAbove Recurrent::gradients_above(StepBuilder& steps) const {
  const std::size_t first = state_output(steps.layer());
  const std::size_t outputs = steps.layer().outputs.size();
  RecurrentAbove above;
  if (outputs > first && steps.has_output_gradient(first)) {
    above.hidden = {steps.output_gradient(first)};
  }
  if (outputs > first + 1 && steps.has_output_gradient(first + 1)) {
    above.cell = steps.output_gradient(first + 1);
  }
  return above;
}

void Recurrent::emit_parameter_gradients(const RecurrentShape& shape, ValueId projections,
                                         ValueId products, ValueId first_product,
                                         StepBuilder& steps) const {
  const ShapedLayer& layer = steps.layer();
  if (has_bias(layer)) {
    emit_summed_gradient(Pass::kBackwardWeight, "bias_gradient", projections, "bias", steps);
    emit_summed_gradient(Pass::kBackwardWeight, "bias_gradient",
                         adds_recurrent_bias(layer) ? products : projections, "recurrent_bias",
                         steps);
  }
  emit_weight_sum(projection(shape).weight_gradient(), steps.input(0), projections, "weight",
                  "weight.grad", steps);
  emit_weight_sum(recurrent_gradient(layer, shape), steps.kept("hidden"), products, "recurrent",
                  "recurrent.grad", steps);
  if (layer.inputs.size() < 2) return;
  emit_weight_sum(recurrence(shape).weight_gradient(), steps.input(1), first_product, "recurrent",
                  "recurrent.initial.grad", steps);
}

void Recurrent::backward(const ShapedLayer& layer, StepBuilder& steps) const {
  const RecurrentShape shape = shape_of(layer);
  std::vector<ValueId> sequence(static_cast<std::size_t>(shape.tokens), -1);
  if (keeps_sequence(layer) && steps.has_output_gradient(0)) {
    sequence = cut(Pass::kBackwardData, "hidden.grad", TensorRole::kGradient,
                   steps.output_gradient(0), shape, steps);
  }
  RecurrentAbove above = gradients_above(steps);
  std::vector<ValueId> projections(sequence.size());
  std::vector<ValueId> products(sequence.size());
  const std::vector<std::int64_t> order = order_of(layer, shape.tokens);
  for (auto number = order.rbegin(); number != order.rend(); ++number) {
    const auto at = static_cast<std::size_t>(*number);
    if (sequence[at] >= 0) above.hidden.push_back(sequence[at]);
    const RecurrentBelow below =
        emit_token_gradient(shape, kept_token(*number, steps, has_cell()), above, steps);
    projections[at] = below.projection;
    products[at] = below.product;
    above = {{}, below.before.cell};
    if (*number != order.front() || input_needs_gradient(1, steps)) {
      above.hidden = hidden_shares(shape, *number, below, steps);
    }
  }
  if (input_needs_gradient(1, steps)) {
    steps.add_input_gradient(1, summed(above.hidden, "initial.grad", steps));
  }
  if (input_needs_gradient(2, steps)) steps.add_input_gradient(2, above.cell);
  const bool same = projections == products;
  const ValueId all = joined_tokens(Pass::kBackwardData, "projections.grad", TensorRole::kGradient,
                                    projections, shape.all_gates(), steps);
  const ValueId all_products =
      same ? all
           : joined_tokens(Pass::kBackwardData, "products.grad", TensorRole::kGradient, products,
                           {shape.all_gates().rows, shape.product_gates * shape.hidden}, steps);
  emit_parameter_gradients(shape, all, all_products,
                           products[static_cast<std::size_t>(order.front())], steps);
  emit_own_gradients(shape, steps);
  if (!steps.needs_gradient(0)) return;
  const ValueId gradient = steps.make_input_gradient(0);
  emit_gemm(Pass::kBackwardData, projection(shape).data_gradient(), {all, ReductionAxis::kCols},
            {steps.parameter("weight"), ReductionAxis::kCols}, gradient, steps);
  steps.add_input_gradient(0, gradient);
}

}  // namespace mxsim
