#include "models/workload/kinds/gru_reset_first.h"

#include <algorithm>
#include <string>
#include <utility>

#include "models/workload/kinds/recurrent_functions.h"

namespace mxsim {
namespace {

/// z, r of the product and the projection of all three gates.
struct GatesKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const product = data.reads[0].row(row);
      const T* const projection = data.reads[1].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        y[i] = logistic_gate(product[i] + projection[i]);
      }
    }
  }
};

/// r h' of gates (z, r) and h'.
struct ResetKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t n = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const reset = data.reads[0].row(row) + n;
      const T* const before = data.reads[1].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < n; ++i) y[i] = reset[i] * before[i];
    }
  }
};

/// h, and in training n, of the candidate's product, the projections, gates and h'.
struct StateKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t n = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const product = data.reads[0].row(row);
      const T* const projection = data.reads[1].row(row) + 2 * n;
      const T* const gate = data.reads[2].row(row);
      const T* const before = data.reads[3].row(row);
      T* const h = data.writes[0].row(row);
      T* const candidate = data.writes.size() > 1 ? data.writes[1].row(row) : nullptr;
      for (std::int64_t i = 0; i < n; ++i) {
        const T fresh = std::tanh(projection[i] + product[i]);
        if (candidate != nullptr) candidate[i] = fresh;
        h[i] = fresh + gate[i] * (before[i] - fresh);
      }
    }
  }
};

/// Behind the summands: gates, candidates, and the state before. Writes the gradients of the
/// candidate's sum and of the update gate's, and the share of the state before that passes no
/// product.
struct StateGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const HiddenGradient<T> hidden(data);
    const std::int64_t n = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const gate = hidden.behind(0, row);
      const T* const candidate = hidden.behind(1, row);
      const T* const before = hidden.behind(2, row);
      T* const to_candidate = data.writes[0].row(row);
      T* const to_update = data.writes[1].row(row);
      T* const to_before = data.writes[2].row(row);
      for (std::int64_t i = 0; i < n; ++i) {
        const T z = gate[i], c = candidate[i];
        const T dh = hidden.at(row, i);
        to_candidate[i] = dh * (1 - z) * (1 - c * c);
        to_update[i] = dh * (before[i] - c) * z * (1 - z);
        to_before[i] = dh * z;
      }
    }
  }
};

/// Of the gradient of r h', gates, the state before and the three results of the step above: the
/// gradients of all projections, of the gates' product, and the whole share of the state before.
struct ResetGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t n = data.grid.cols / 3;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const above = data.reads[0].row(row);
      const T* const reset = data.reads[1].row(row) + n;
      const T* const before = data.reads[2].row(row);
      const T* const candidate = data.reads[3].row(row);
      const T* const update = data.reads[4].row(row);
      const T* const past = data.reads[5].row(row);
      T* const to_projection = data.writes[0].row(row);
      T* const to_product = data.writes[1].row(row);
      T* const to_before = data.writes[2].row(row);
      for (std::int64_t i = 0; i < n; ++i) {
        const T r = reset[i];
        to_projection[i] = to_product[i] = update[i];
        to_projection[n + i] = to_product[n + i] = above[i] * before[i] * r * (1 - r);
        to_projection[2 * n + i] = candidate[i];
        to_before[i] = past[i] + above[i] * r;
      }
    }
  }
};

WeightedLayer candidate_product(const RecurrentShape& shape) {
  return product_of(shape.rows, shape.hidden, shape.hidden);
}

/// Values of the tokens that emit_reset_first_token() or emit_reset_first_gradient() kept.
std::vector<ValueId> kept_of_all(std::string_view key, const RecurrentShape& shape,
                                 const StepBuilder& steps) {
  std::vector<ValueId> all;
  for (std::int64_t t = 0; t < shape.tokens; ++t) all.push_back(steps.kept(token_name(key, t)));
  return all;
}

}  // namespace

RecurrentState emit_reset_first_token(const RecurrentShape& shape, const RecurrentToken& token,
                                      StepBuilder& steps) {
  const auto make = [&](std::string_view suffix, MatrixView view) {
    return token_value(suffix, token.number, TensorRole::kActivation, view, steps);
  };
  const std::vector<VectorOps> tangent{{Event::kVectorMul, 2},
                                       {Event::kVectorAdd, 3},
                                       {Event::kVectorExp, 1},
                                       {Event::kVectorDivide, 1}};
  Step gates;
  gates.kind = StepKind::kWindowed;
  gates.op = "gates";
  gates.grid = shape.token_product();
  gates.ops = tangent;
  gates.function = step_function<GatesKernel>();
  gates.reads = {token.product, token.projection};
  gates.writes = {make("gates", gates.grid)};
  const ValueId opened = gates.writes[0];
  steps.emit(std::move(gates));
  Step reset;
  reset.kind = StepKind::kWindowed;
  reset.op = "reset";
  reset.grid = shape.state();
  reset.ops = {{Event::kVectorMul, 1}};
  reset.function = step_function<ResetKernel>();
  reset.reads = {opened, token.before.hidden};
  reset.writes = {make("reset", reset.grid)};
  const ValueId past = reset.writes[0];
  steps.emit(std::move(reset));
  const ValueId product = make("candidate_product", shape.state());
  emit_gemm(Pass::kForward, {candidate_product(shape).forward}, {past, ReductionAxis::kCols},
            {steps.parameter(kCandidateWeights), ReductionAxis::kRows}, product, steps);
  Step state;
  state.kind = StepKind::kWindowed;
  state.op = "state";
  state.grid = shape.state();
  state.ops = tangent;
  state.ops[0].per_element += 1;
  state.ops[1].per_element += 2;
  state.function = step_function<StateKernel>();
  state.reads = {product, token.projection, opened, token.before.hidden};
  const ValueId hidden = state_value(token.after.hidden, "state", shape, token.number, steps);
  state.writes = {hidden};
  if (steps.mode() == Mode::kTrain) {
    state.writes.push_back(make("candidate", state.grid));
    steps.keep(token_name("candidate", token.number), state.writes[1]);
  }
  steps.emit(std::move(state));
  steps.keep(token_name("gates", token.number), opened);
  steps.keep(token_name("reset", token.number), past);
  return {hidden, -1};
}

RecurrentBelow emit_reset_first_gradient(const RecurrentShape& shape, const RecurrentToken& token,
                                         const RecurrentAbove& above, StepBuilder& steps) {
  const auto make = [&](std::string_view suffix, MatrixView view) {
    return token_value(suffix, token.number, TensorRole::kGradient, view, steps);
  };
  const ValueId gates = steps.kept(token_name("gates", token.number));
  const auto summands = static_cast<std::int64_t>(above.hidden.size());
  Step state;
  state.pass = Pass::kBackwardData;
  state.kind = StepKind::kWindowed;
  state.op = "state";
  state.grid = shape.state();
  state.ops = {{Event::kVectorMul, 7},
               {Event::kVectorAdd, 4 + std::max<std::int64_t>(0, summands - 1)}};
  state.function = step_function<StateGradientKernel>(StepParameters{{summands}, {}, {}, {}, {}});
  state.reads = above.hidden;
  state.reads.push_back(gates);
  state.reads.push_back(steps.kept(token_name("candidate", token.number)));
  state.reads.push_back(token.before.hidden);
  const ValueId candidate = make("candidate.grad", shape.state());
  const ValueId update = make("update.grad", shape.state());
  const ValueId past = make("past.grad", shape.state());
  state.writes = {candidate, update, past};
  steps.emit(std::move(state));
  const ValueId reset = make("reset.grad", shape.state());
  emit_gemm(Pass::kBackwardData, candidate_product(shape).data_gradient(),
            {candidate, ReductionAxis::kCols},
            {steps.parameter(kCandidateWeights), ReductionAxis::kCols}, reset, steps);
  Step step;
  step.pass = Pass::kBackwardData;
  step.kind = StepKind::kWindowed;
  step.op = "reset";
  step.grid = shape.token_gates();
  step.ops = operations_a_row({{Event::kVectorMul, 4}, {Event::kVectorAdd, 2}}, shape.hidden);
  step.function = step_function<ResetGradientKernel>();
  step.reads = {reset, gates, token.before.hidden, candidate, update, past};
  const ValueId projection = make("projection.grad", step.grid);
  const ValueId product = make("product.grad", shape.token_product());
  const ValueId before = make("before.share", shape.state());
  step.writes = {projection, product, before};
  steps.emit(std::move(step));
  steps.keep(token_name("candidate.grad", token.number), candidate);
  return {projection, product, {before, -1}};
}

void emit_candidate_weight_gradient(const RecurrentShape& shape, StepBuilder& steps) {
  const MatrixView all{shape.rows * shape.tokens, shape.hidden};
  const ValueId states = joined_tokens(Pass::kForward, "resets", TensorRole::kActivation,
                                       kept_of_all("reset", shape, steps), all, steps);
  const ValueId gradients =
      joined_tokens(Pass::kBackwardData, "candidates.grad", TensorRole::kGradient,
                    kept_of_all("candidate.grad", shape, steps), all, steps);
  emit_weight_sum(product_of(all.rows, shape.hidden, shape.hidden).weight_gradient(), states,
                  gradients, std::string(kCandidateWeights), "recurrent_candidate.grad", steps);
}

}  // namespace mxsim
