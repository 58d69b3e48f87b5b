#include <array>

#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

bool is_routed(const Shape& rows, const Shape& weights) {
  return rows.size() == 3 && weights.size() == 3 && rows[0] == weights[0];
}

/// Tokens N, T, C and the weights N, T, k of their experts (route) to one row for each, N, T k, C,
/// sorted by expert. Every token is streamed past and every row written; no FP32 operation. The
/// gradient of a token is the sum of its rows': k - 1 add an element.
class Dispatch : public LayerKind {
 public:
  std::string_view op() const override { return "dispatch"; }
  std::size_t input_count() const override { return 2; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    const Shape& weights = layer.input_shapes[1];
    if (!is_routed(shape, weights) || shape[1] != weights[1]) {
      faults.add("/inputs", "shapes " + to_string(shape) + " and " + to_string(weights) +
                                " are no tokens and the weights of their experts");
      return {};
    }
    shape[1] *= weights[2];
    return {shape};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "dispatch";
    step.grid = steps.value(steps.output(0)).view;
    step.reads = {steps.input(0), steps.input(1)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const ValueId gradient = steps.make_input_gradient(0);
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "dispatch";
    step.grid = steps.value(gradient).view;
    if (layer.input_shapes[1][2] > 1) {
      step.ops = {{Event::kVectorAdd, layer.input_shapes[1][2] - 1}};
    }
    step.reads = {steps.output_gradient(0)};
    step.writes = {gradient};
    steps.emit(step);
    steps.add_input_gradient(0, gradient);
  }
};

/// The rows of each token, weighted and added up: N, T k, C and N, T, k to N, T, C. FP32 operations
/// an element of the output: k mul, k - 1 add; backward 2 k mul and k add (rows and weights).
class Combine : public LayerKind {
 public:
  std::string_view op() const override { return "combine"; }
  std::size_t input_count() const override { return 2; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    const Shape& weights = layer.input_shapes[1];
    if (!is_routed(shape, weights) || shape[1] != weights[1] * weights[2]) {
      faults.add("/inputs", "shapes " + to_string(shape) + " and " + to_string(weights) +
                                " are no rows of tokens and the weights of their experts");
      return {};
    }
    shape[1] = weights[1];
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::int64_t top_k = layer.input_shapes[1][2];
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "combine";
    step.grid = steps.value(steps.output(0)).view;
    step.ops = {{Event::kVectorMul, top_k}};
    if (top_k > 1) step.ops.push_back({Event::kVectorAdd, top_k - 1});
    step.reads = {steps.input(0), steps.input(1)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "combine";
    step.ops = {{Event::kVectorMul, 2}, {Event::kVectorAdd, 1}};  // of each element of the rows
    step.reads = {steps.output_gradient(0), steps.input(0), steps.input(1)};
    for (std::size_t i = 0; i < 2; ++i) {
      if (steps.needs_gradient(i)) step.writes.push_back(steps.make_input_gradient(i));
    }
    if (step.writes.size() != 2) return;  // the router stands behind what the experts do
    step.grid = steps.value(step.writes[0]).view;
    steps.emit(step);
    for (std::size_t i = 0; i < 2; ++i) steps.add_input_gradient(i, step.writes[i]);
  }
};

}  // namespace

const LayerKind& dispatch_kind() {
  static const Dispatch kind;
  return kind;
}

const LayerKind& combine_kind() {
  static const Combine kind;
  return kind;
}

}  // namespace mxsim
