#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

using Operations = std::vector<VectorOps>;

/// Where the gate of a row stands and where the values: two tensors, or the two halves of one.
/// `extents[0]`: whether inputs are clamped; `constants`: limit and slope of a clamped gate.
template <class T>
struct GateRow {
  const T* gate;
  const T* up;

  GateRow(const StepData<T>& data, std::size_t first, std::int64_t row, std::int64_t cols)
      : gate(data.reads[first].row(row)),
        up(data.reads.size() > first + 1 ? data.reads[first + 1].row(row) : gate + cols) {}
};

/// f(g) (u + b) and its derivatives.
struct Silu {
  template <class T>
  static T value(T g, T slope) {
    return g / (1 + std::exp(-slope * g));
  }
  template <class T>
  static T derivative(T g, T slope) {
    const T s = 1 / (1 + std::exp(-slope * g));
    return s * (1 + slope * g * (1 - s));
  }
};

struct Gelu {
  template <class T>
  static T inner(T g) {
    return T(kGelu1) * g + T(kGelu2) * g * g * g;
  }
  template <class T>
  static T value(T g, T) {
    return g / (1 + std::exp(-inner(g)));
  }
  template <class T>
  static T derivative(T g, T) {
    const T s = 1 / (1 + std::exp(-inner(g)));
    return s + g * s * (1 - s) * (T(kGelu1) + 3 * T(kGelu2) * g * g);
  }

 private:
  static constexpr double kGelu1 = 1.5957691216057308;  // 2 sqrt(2 / pi)
  static constexpr double kGelu2 = kGelu1 * 0.044715;
};

/// Inputs as the gate takes them: the gate at most the limit, the values within it, plus 1.
template <class T>
struct Clamped {
  T gate;
  T up;
  bool gate_passes = true;
  bool up_passes = true;
  T slope = 1;

  Clamped(T g, T u, const StepParameters& p) : gate(g), up(u) {
    if (p.extents[0] == 0) return;
    const T limit = T(p.constants[0]);
    slope = T(p.constants[1]);
    gate_passes = g <= limit;
    up_passes = u <= limit && u >= -limit;
    gate = std::min(g, limit);
    up = std::clamp(u, -limit, limit) + 1;
  }
};

template <class F>
struct GateKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const GateRow<T> from(data, 0, row, cols);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < cols; ++i) {
        const Clamped<T> in(from.gate[i], from.up[i], data.parameters);
        y[i] = F::value(in.gate, in.slope) * in.up;
      }
    }
  }
};

/// Of the output's gradient and the inputs; `extents[1]`, `extents[2]`: whether the gate's and the
/// values' gradient are written.
template <class F>
struct GateGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const bool apart = data.reads.size() > 2;
    const std::int64_t cols = data.reads[0].cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      const GateRow<T> from(data, 1, row, cols);
      T* to_gate = data.parameters.extents[1] == 1 ? data.writes[0].row(row) : nullptr;
      T* to_up = data.parameters.extents[2] == 1 ? data.writes.back().row(row) : nullptr;
      if (!apart) to_up = to_gate + cols;
      for (std::int64_t i = 0; i < cols; ++i) {
        const Clamped<T> in(from.gate[i], from.up[i], data.parameters);
        if (to_gate != nullptr) {
          to_gate[i] = in.gate_passes ? dy[i] * in.up * F::derivative(in.gate, in.slope) : T(0);
        }
        if (to_up != nullptr) {
          to_up[i] = in.up_passes ? dy[i] * F::value(in.gate, in.slope) : T(0);
        }
      }
    }
  }
};

/// Gated linear units (Shazeer 2020): f(gate) x up, of two tensors, or of one whose last axis holds
/// both, the gate first. FP32 operations an element of the output: those of f (silu, gelu) and 1
/// mul; backward those of f and its derivative (activation.cpp) and 3 mul, for both gradients.
/// `clamped` 1: both inputs are clamped and 1 is added to `up` (gpt-oss): 3 compare, 1 mul (the
/// slope of f) and 1 add more in both passes.
class Gated : public LayerKind {
 public:
  Gated(std::string_view op, Operations forward, Operations backward, StepFunction value,
        StepFunction gradient)
      : op_(op),
        forward_(std::move(forward)),
        backward_(std::move(backward)),
        value_(std::move(value)),
        gradient_(std::move(gradient)) {}
  std::string_view op() const override { return op_; }
  std::size_t most_inputs() const override { return 2; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"clamped", AttributeForm::kScalar, 0, 0, 1, "whether inputs are clamped"}}};
    return kSpecs;
  }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 2> kSpecs{{
        {"limit", 7.0, "what clamped inputs stay within"},
        {"slope", 1.702, "of a clamped gate's logistic function"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (layer.input_shapes.size() == 2) {
      if (shape != layer.input_shapes[1]) {
        faults.add("/inputs", "shapes " + to_string(shape) + " and " +
                                  to_string(layer.input_shapes[1]) + " are no gate and values");
      }
      return {shape};
    }
    if (shape.size() == 4 || shape.back() % 2 != 0) {
      faults.add("/inputs/0",
                 "shape " + to_string(shape) + " holds no gate and values side by side");
    }
    shape.back() /= 2;
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const bool apart = layer.inputs.size() == 2;
    Step step;
    step.kind = apart ? StepKind::kElementwise : StepKind::kWindowed;
    step.op = op_;
    step.grid = steps.value(steps.output(0)).view;
    step.ops = operations(layer, forward_);
    step.function = with_parameters(value_, layer, {});
    step.reads = {steps.input(0)};
    if (apart) step.reads.push_back(steps.input(1));
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::size_t inputs = layer.inputs.size();
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = op_;
    step.ops = operations(layer, backward_);
    step.reads = {steps.output_gradient(0)};
    std::vector<std::pair<std::size_t, ValueId>> gradients;
    for (std::size_t i = 0; i < inputs; ++i) {
      step.reads.push_back(steps.input(i));
      if (!steps.needs_gradient(i)) continue;
      gradients.emplace_back(i, steps.make_input_gradient(i));
      step.writes.push_back(gradients.back().second);
    }
    if (gradients.empty()) return;
    step.grid = steps.value(step.writes[0]).view;
    step.function = with_parameters(
        gradient_, layer,
        {steps.needs_gradient(0) ? 1 : 0, inputs == 1 || steps.needs_gradient(1) ? 1 : 0});
    if (inputs == 1) {  // operations are counted for each element of the output
      step.kind = StepKind::kWindowed;
      for (VectorOps& ops : step.ops) ops = {ops.op, 0, ops.per_element * (step.grid.cols / 2)};
    }
    steps.emit(step);
    for (const auto& [index, gradient] : gradients) steps.add_input_gradient(index, gradient);
  }

 private:
  static StepFunction with_parameters(StepFunction function, const ShapedLayer& layer,
                                      const std::vector<std::int64_t>& more) {
    function.parameters.extents = {layer.attributes.scalar("clamped")};
    function.parameters.extents.insert(function.parameters.extents.end(), more.begin(), more.end());
    function.parameters.constants = {layer.constants.value_or("limit", 7.0),
                                     layer.constants.value_or("slope", 1.702)};
    return function;
  }

  static Operations operations(const ShapedLayer& layer, Operations ops) {
    if (layer.attributes.scalar("clamped") == 0) return ops;
    ops.push_back({Event::kVectorCompare, 3});
    for (VectorOps& each : ops) {
      if (each.op == Event::kVectorMul || each.op == Event::kVectorAdd) ++each.per_element;
    }
    return ops;
  }

  std::string_view op_;
  Operations forward_;
  Operations backward_;
  StepFunction value_;
  StepFunction gradient_;
};

Operations with_logistic(std::int64_t mul, std::int64_t add) {
  return {{Event::kVectorMul, mul},
          {Event::kVectorAdd, add},
          {Event::kVectorExp, 1},
          {Event::kVectorDivide, 1}};
}

}  // namespace

const LayerKind& swiglu_kind() {
  static const Gated kind("swiglu", with_logistic(1, 1), with_logistic(6, 3),
                          step_function<GateKernel<Silu>>(),
                          step_function<GateGradientKernel<Silu>>());
  return kind;
}

const LayerKind& geglu_kind() {
  static const Gated kind("geglu", with_logistic(4, 2), with_logistic(11, 5),
                          step_function<GateKernel<Gelu>>(),
                          step_function<GateGradientKernel<Gelu>>());
  return kind;
}

}  // namespace mxsim
