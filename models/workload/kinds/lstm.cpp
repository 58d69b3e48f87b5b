#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/recurrent.h"
#include "models/workload/kinds/recurrent_functions.h"

namespace mxsim {
namespace {

/// Input, output and forget gate through the logistic function, the candidate through tanh.
struct LstmGatesKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t candidate = data.grid.cols / 4 * 3;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const product = data.reads[0].row(row);
      const T* const projection = data.reads[1].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        const T x = product[i] + projection[i];
        y[i] = i < candidate ? logistic_gate(x) : std::tanh(x);
      }
    }
  }
};

/// c = f c' + i g, h = o tanh c, of gates (i, o, f, g) and the cell c' before.
struct LstmCellKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t n = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const gate = data.reads[0].row(row);
      const T* const before = data.reads[1].row(row);
      T* const h = data.writes[0].row(row);
      T* const c = data.writes[1].row(row);
      for (std::int64_t i = 0; i < n; ++i) {
        c[i] = gate[2 * n + i] * before[i] + gate[i] * gate[3 * n + i];
        h[i] = gate[n + i] * std::tanh(c[i]);
      }
    }
  }
};

/// Behind the summands: gates, the cell before and after, and, if there is one (`extents[1]`), the
/// gradient of the cell after. Writes the gradients of the gates' inputs and of the cell before.
struct LstmCellGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const HiddenGradient<T> hidden(data);
    const std::int64_t n = data.grid.cols / 4;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const gate = hidden.behind(0, row);
      const T* const before = hidden.behind(1, row);
      const T* const cell = hidden.behind(2, row);
      const T* const above = data.parameters.extents[1] == 1 ? hidden.behind(3, row) : nullptr;
      T* const d = data.writes[0].row(row);
      T* const to_before = data.writes[1].row(row);
      for (std::int64_t j = 0; j < n; ++j) {
        const T i = gate[j], o = gate[n + j], f = gate[2 * n + j], g = gate[3 * n + j];
        const T shown = std::tanh(cell[j]);
        const T dh = hidden.at(row, j);
        const T dc = dh * o * (1 - shown * shown) + (above == nullptr ? T(0) : above[j]);
        d[j] = dc * g * i * (1 - i);
        d[n + j] = dh * shown * o * (1 - o);
        d[2 * n + j] = dc * before[j] * f * (1 - f);
        d[3 * n + j] = dc * i * (1 - g * g);
        to_before[j] = dc * f;
      }
    }
  }
};

/// Long short-term memory (Hochreiter and Schmidhuber 1997, with forget gate) as PyTorch and ONNX
/// have it: i, o, f = logistic, g = tanh of x W + h' R + b; c = f c' + i g; h = o tanh c. Gates
/// stand in ONNX's order i, o, f, g.
/// FP32 operations of a gate: 1 add, and those of tanh (2 mul, 2 add, 1 exp, 1 divide) for each
/// of the four; of a hidden feature 3 mul, 1 add and a tanh; backward, a hidden feature, 16 mul, 6
/// add, a tanh (of the cell, again), and an add for each summand but the first.
class Lstm : public Recurrent {
 public:
  std::string_view op() const override { return "lstm"; }

 protected:
  std::int64_t gates() const override { return 4; }
  bool has_cell() const override { return true; }

  RecurrentState emit_token(const RecurrentShape& shape, const RecurrentToken& token,
                            StepBuilder& steps) const override {
    const auto make = [&](std::string_view suffix, MatrixView view) {
      return token_value(suffix, token.number, TensorRole::kActivation, view, steps);
    };
    Step gates;
    gates.op = "gates";
    gates.grid = shape.token_gates();
    gates.ops = {{Event::kVectorMul, 2},
                 {Event::kVectorAdd, 3},
                 {Event::kVectorExp, 1},
                 {Event::kVectorDivide, 1}};
    gates.function = step_function<LstmGatesKernel>();
    gates.reads = {token.product, token.projection};
    gates.writes = {make("gates", gates.grid)};
    const ValueId opened = gates.writes[0];
    steps.emit(std::move(gates));
    Step cell;
    cell.kind = StepKind::kWindowed;
    cell.op = "cell";
    cell.grid = shape.state();
    cell.ops = {{Event::kVectorMul, 5},
                {Event::kVectorAdd, 3},
                {Event::kVectorExp, 1},
                {Event::kVectorDivide, 1}};
    cell.function = step_function<LstmCellKernel>();
    cell.reads = {opened, token.before.cell};
    const RecurrentState state{state_value(token.after.hidden, "state", shape, token.number, steps),
                               state_value(token.after.cell, "cell", shape, token.number, steps)};
    cell.writes = {state.hidden, state.cell};
    steps.emit(std::move(cell));
    steps.keep(token_name("gates", token.number), opened);
    steps.keep(token_name("cell", token.number), state.cell);
    return state;
  }

  RecurrentBelow emit_token_gradient(const RecurrentShape& shape, const RecurrentToken& token,
                                     const RecurrentAbove& above,
                                     StepBuilder& steps) const override {
    const auto make = [&](std::string_view suffix, MatrixView view) {
      return token_value(suffix, token.number, TensorRole::kGradient, view, steps);
    };
    const auto summands = static_cast<std::int64_t>(above.hidden.size());
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "cell";
    step.grid = shape.token_gates();
    step.ops = operations_a_row({{Event::kVectorMul, 18},
                                 {Event::kVectorAdd, 8 + std::max<std::int64_t>(0, summands - 1)},
                                 {Event::kVectorExp, 1},
                                 {Event::kVectorDivide, 1}},
                                shape.hidden);
    step.function = step_function<LstmCellGradientKernel>(
        StepParameters{{summands, above.cell >= 0 ? 1 : 0}, {}, {}, {}, {}});
    step.reads = above.hidden;
    step.reads.push_back(steps.kept(token_name("gates", token.number)));
    step.reads.push_back(token.before.cell);
    step.reads.push_back(steps.kept(token_name("cell", token.number)));
    if (above.cell >= 0) step.reads.push_back(above.cell);
    const ValueId gates = make("gates.grad", step.grid);
    const ValueId cell = make("cell_before.grad", shape.state());
    step.writes = {gates, cell};
    steps.emit(std::move(step));
    return {gates, gates, {-1, cell}};
  }
};

}  // namespace

const LayerKind& lstm_kind() {
  static const Lstm kind;
  return kind;
}

}  // namespace mxsim
