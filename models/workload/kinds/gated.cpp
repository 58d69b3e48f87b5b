#include <array>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

using Operations = std::vector<VectorOps>;

/// Gated linear units (Shazeer 2020): f(gate) x up, of two tensors, or of one whose last axis holds
/// both. FP32 operations an element of the output: those of f (silu, gelu) and 1 mul; backward
/// those of f and its derivative (activation.cpp) and 3 mul, for both gradients. `clamped` 1: both
/// inputs are clamped and 1 is added to `up` (gpt-oss): 3 compare, 1 mul (the slope of f) and 1 add
/// more in both passes.
class Gated : public LayerKind {
 public:
  Gated(std::string_view op, Operations forward, Operations backward)
      : op_(op), forward_(std::move(forward)), backward_(std::move(backward)) {}
  std::string_view op() const override { return op_; }
  std::size_t most_inputs() const override { return 2; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"clamped", AttributeForm::kScalar, 0, 0, 1, "whether inputs are clamped"}}};
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
    if (inputs == 1) {  // operations are counted for each element of the output
      step.kind = StepKind::kWindowed;
      for (VectorOps& ops : step.ops) ops = {ops.op, 0, ops.per_element * (step.grid.cols / 2)};
    }
    steps.emit(step);
    for (const auto& [index, gradient] : gradients) steps.add_input_gradient(index, gradient);
  }

 private:
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
};

Operations with_logistic(std::int64_t mul, std::int64_t add) {
  return {{Event::kVectorMul, mul},
          {Event::kVectorAdd, add},
          {Event::kVectorExp, 1},
          {Event::kVectorDivide, 1}};
}

}  // namespace

const LayerKind& swiglu_kind() {
  static const Gated kind("swiglu", with_logistic(1, 1), with_logistic(6, 3));
  return kind;
}

const LayerKind& geglu_kind() {
  static const Gated kind("geglu", with_logistic(4, 2), with_logistic(11, 5));
  return kind;
}

}  // namespace mxsim
