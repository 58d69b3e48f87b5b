#include <array>
#include <utility>

#include "models/workload/kinds/gru_reset_first.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/recurrent.h"
#include "models/workload/kinds/recurrent_functions.h"

namespace mxsim {
namespace {

/// Update and reset gate z, r = logistic of both products; behind them m = h' R + b of the
/// candidate, whose projection joins later. A broadcast is the recurrent bias.
struct GruGatesKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t candidate = data.grid.cols / 3 * 2;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const product = data.reads[0].row(row);
      const T* const projection = data.reads[1].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        T x = product[i];
        if (!data.broadcasts.empty()) x += data.broadcasts[0].data[i];
        y[i] = i < candidate ? logistic_gate(x + projection[i]) : x;
      }
    }
  }
};

/// n = tanh(projection + r m), h = n + z (h' - n); of gates (z, r, m), projections and h'.
struct GruStateKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t n = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const gate = data.reads[0].row(row);
      const T* const projection = data.reads[1].row(row) + 2 * n;
      const T* const before = data.reads[2].row(row);
      T* const h = data.writes[0].row(row);
      T* const candidate = data.writes.size() > 1 ? data.writes[1].row(row) : nullptr;
      for (std::int64_t i = 0; i < n; ++i) {
        const T fresh = std::tanh(projection[i] + gate[n + i] * gate[2 * n + i]);
        if (candidate != nullptr) candidate[i] = fresh;
        h[i] = fresh + gate[i] * (before[i] - fresh);
      }
    }
  }
};

/// Behind the summands: gates, candidates, and the state before. Writes the gradients of the
/// projections, of the products, and the share of the state before that passes no product.
struct GruStateGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const HiddenGradient<T> hidden(data);
    const std::int64_t n = data.grid.cols / 3;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const gate = hidden.behind(0, row);
      const T* const candidate = hidden.behind(1, row);
      const T* const before = hidden.behind(2, row);
      T* const to_projection = data.writes[0].row(row);
      T* const to_product = data.writes[1].row(row);
      T* const to_before = data.writes[2].row(row);
      for (std::int64_t j = 0; j < n; ++j) {
        const T z = gate[j], r = gate[n + j], m = gate[2 * n + j], c = candidate[j];
        const T dh = hidden.at(row, j);
        const T dc = dh * (1 - z) * (1 - c * c);
        to_projection[j] = to_product[j] = dh * (before[j] - c) * z * (1 - z);
        to_projection[n + j] = to_product[n + j] = dc * m * r * (1 - r);
        to_projection[2 * n + j] = dc;
        to_product[2 * n + j] = dc * r;
        to_before[j] = dh * z;
      }
    }
  }
};

constexpr AttributeSpec kResetAfter{
    "reset_after",
    AttributeForm::kScalar,
    1,
    0,
    1,
    "whether the reset gate comes behind the product of the hidden state"};

bool resets_first(const ShapedLayer& layer) {
  return layer.attributes.scalar(kResetAfter.name) == 0;
}

/// Gated recurrent unit (Cho et al. 2014); `reset_after` 0 is gru_reset_first.h. `reset_after` 1 is
/// PyTorch's, the reset gate behind the product (ONNX: linear_before_reset 1): z, r = logistic of x
/// W + b + h' R + b'; n = tanh of x W + b + r (h' R + b'); h = (1 - z) n + z h'. Gates stand in
/// ONNX's order z, r, n. FP32 operations of a gate: 2 add (the products' sum, the recurrent bias),
/// and those of tanh (2 mul, 2 add, 1 exp, 1 divide) for each of the three; of a hidden feature 2
/// mul, 3 add and a tanh; backward 11 mul, 5 add, and an add for each summand but the first. The
/// state reads the projections of all three gates, of which it uses the candidate's.
class Gru : public Recurrent {
 public:
  std::string_view op() const override { return "gru"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 6> kSpecs{
        {kRecurrentAttributes[0], kRecurrentAttributes[1], kRecurrentAttributes[2],
         kRecurrentAttributes[3], kRecurrentAttributes[4], kResetAfter}};
    return kSpecs;
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    std::vector<ParameterSpec> all = Recurrent::parameters(layer);
    if (!resets_first(layer)) return all;
    const std::int64_t hidden = layer.attributes.scalar("hidden");
    all.insert(all.begin() + 2, {kCandidateWeights, ParameterUse::kGemmOperand, hidden, hidden});
    return all;
  }

 protected:
  std::int64_t gates() const override { return 3; }
  std::int64_t product_gates(const ShapedLayer& layer) const override {
    return resets_first(layer) ? 2 : 3;
  }
  bool adds_recurrent_bias(const ShapedLayer& layer) const override { return !resets_first(layer); }
  void emit_own_gradients(const RecurrentShape& shape, StepBuilder& steps) const override {
    if (resets_first(steps.layer())) emit_candidate_weight_gradient(shape, steps);
  }

  RecurrentState emit_token(const RecurrentShape& shape, const RecurrentToken& token,
                            StepBuilder& steps) const override {
    if (resets_first(steps.layer())) return emit_reset_first_token(shape, token, steps);
    const auto make = [&](std::string_view suffix, MatrixView view) {
      return token_value(suffix, token.number, TensorRole::kActivation, view, steps);
    };
    Step gates;
    gates.op = "gates";
    gates.grid = shape.token_gates();
    const bool biased = steps.layer().attributes.scalar("bias") == 1;
    if (biased) gates.broadcasts = {steps.parameter("recurrent_bias")};
    gates.ops = {{Event::kVectorMul, 2},
                 {Event::kVectorAdd, biased ? 4 : 3},
                 {Event::kVectorExp, 1},
                 {Event::kVectorDivide, 1}};
    gates.function = step_function<GruGatesKernel>();
    gates.reads = {token.product, token.projection};
    gates.writes = {make("gates", gates.grid)};
    const ValueId opened = gates.writes[0];
    steps.emit(std::move(gates));
    Step state;
    state.kind = StepKind::kWindowed;
    state.op = "state";
    state.grid = shape.state();
    state.ops = {{Event::kVectorMul, 4},
                 {Event::kVectorAdd, 5},
                 {Event::kVectorExp, 1},
                 {Event::kVectorDivide, 1}};
    state.function = step_function<GruStateKernel>();
    state.reads = {opened, token.projection, token.before.hidden};
    const ValueId hidden = state_value(token.after.hidden, "state", shape, token.number, steps);
    state.writes = {hidden};
    if (steps.mode() == Mode::kTrain) state.writes.push_back(make("candidate", state.grid));
    if (state.writes.size() > 1) {
      steps.keep(token_name("candidate", token.number), state.writes[1]);
    }
    steps.emit(std::move(state));
    steps.keep(token_name("gates", token.number), opened);
    return {hidden, -1};
  }

  RecurrentBelow emit_token_gradient(const RecurrentShape& shape, const RecurrentToken& token,
                                     const RecurrentAbove& above,
                                     StepBuilder& steps) const override {
    if (resets_first(steps.layer())) {
      return emit_reset_first_gradient(shape, token, above, steps);
    }
    const auto make = [&](std::string_view suffix, MatrixView view) {
      return token_value(suffix, token.number, TensorRole::kGradient, view, steps);
    };
    const auto summands = static_cast<std::int64_t>(above.hidden.size());
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "state";
    step.grid = shape.token_gates();
    step.ops = operations_a_row(
        {{Event::kVectorMul, 11}, {Event::kVectorAdd, 5 + std::max<std::int64_t>(0, summands - 1)}},
        shape.hidden);
    step.function =
        step_function<GruStateGradientKernel>(StepParameters{{summands}, {}, {}, {}, {}});
    step.reads = above.hidden;
    step.reads.push_back(steps.kept(token_name("gates", token.number)));
    step.reads.push_back(steps.kept(token_name("candidate", token.number)));
    step.reads.push_back(token.before.hidden);
    const ValueId projection = make("projection.grad", step.grid);
    const ValueId product = make("product.grad", step.grid);
    const ValueId before = make("past.grad", shape.state());
    step.writes = {projection, product, before};
    steps.emit(std::move(step));
    return {projection, product, {before, -1}};
  }
};

}  // namespace

const LayerKind& gru_kind() {
  static const Gru kind;
  return kind;
}

}  // namespace mxsim
