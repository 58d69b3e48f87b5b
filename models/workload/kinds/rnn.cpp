#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/recurrent.h"
#include "models/workload/kinds/recurrent_functions.h"

namespace mxsim {
namespace {

struct RnnStateKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const product = data.reads[0].row(row);
      const T* const projection = data.reads[1].row(row);
      T* const h = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i)
        h[i] = std::tanh(product[i] + projection[i]);
    }
  }
};

/// Behind the summands: the state.
struct RnnStateGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const HiddenGradient<T> hidden(data);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const h = hidden.behind(0, row);
      T* const d = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        d[i] = hidden.at(row, i) * (1 - h[i] * h[i]);
      }
    }
  }
};

/// Elman's network (1990): h = tanh(x W + h' R + b). FP32 operations of a hidden feature: 1 add and
/// those of tanh (2 mul, 2 add, 1 exp, 1 divide); backward 2 mul, 1 add, and an add for each
/// summand but the first.
class Rnn : public Recurrent {
 public:
  std::string_view op() const override { return "rnn"; }

 protected:
  std::int64_t gates() const override { return 1; }

  RecurrentState emit_token(const RecurrentShape& shape, const RecurrentToken& token,
                            StepBuilder& steps) const override {
    Step step;
    step.op = "state";
    step.grid = shape.state();
    step.ops = {{Event::kVectorMul, 2},
                {Event::kVectorAdd, 3},
                {Event::kVectorExp, 1},
                {Event::kVectorDivide, 1}};
    step.function = step_function<RnnStateKernel>();
    step.reads = {token.product, token.projection};
    const ValueId hidden = state_value(token.after.hidden, "state", shape, token.number, steps);
    step.writes = {hidden};
    steps.emit(std::move(step));
    steps.keep(token_name("state", token.number), hidden);
    return {hidden, -1};
  }

  RecurrentBelow emit_token_gradient(const RecurrentShape& shape, const RecurrentToken& token,
                                     const RecurrentAbove& above,
                                     StepBuilder& steps) const override {
    const auto summands = static_cast<std::int64_t>(above.hidden.size());
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "state";
    step.grid = shape.state();
    step.ops = {{Event::kVectorMul, 2},
                {Event::kVectorAdd, 1 + std::max<std::int64_t>(0, summands - 1)}};
    step.function =
        step_function<RnnStateGradientKernel>(StepParameters{{summands}, {}, {}, {}, {}});
    step.reads = above.hidden;
    step.reads.push_back(steps.kept(token_name("state", token.number)));
    const ValueId gradient =
        token_value("product.grad", token.number, TensorRole::kGradient, step.grid, steps);
    step.writes = {gradient};
    steps.emit(std::move(step));
    return {gradient, gradient, {}};
  }
};

}  // namespace

const LayerKind& rnn_kind() {
  static const Rnn kind;
  return kind;
}

}  // namespace mxsim
