#include "models/workload/kinds/gemm_steps.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// Y = X W^T over the last axis with the weights of another layer (`weights_of` of the trace): the
/// output layer of a language model, whose weights are the table V x C of its embedding. The two
/// gradients of the table are added up (1 add an element).
class TiedLinear : public LayerKind {
 public:
  std::string_view op() const override { return "tied_linear"; }
  bool uses_other_weights() const override { return true; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() == 4 || (layer.weights_of >= 0 && shape.back() != layer.other_weights.cols)) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " has not the " +
                                  std::to_string(layer.other_weights.cols) +
                                  " features of the table last");
    }
    shape.back() = layer.other_weights.rows;
    return {shape};
  }

  std::vector<std::int64_t> mac_factors(const ShapedLayer& layer) const override {
    std::vector<std::int64_t> factors = layer.output_shapes[0];
    factors.push_back(layer.other_weights.cols);
    return factors;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    GemmWork work = rows_of(layer);
    work.channels = layer.other_weights.cols;
    work.n = layer.other_weights.rows;
    work.b_orientation = Orientation::kTransposed;
    emit_gemm(Pass::kForward, {work}, {steps.input(0), ReductionAxis::kCols},
              {steps.other_weights(), ReductionAxis::kCols}, steps.output(0), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    GemmWork work = rows_of(layer);
    work.channels = layer.other_weights.rows;
    work.n = layer.other_weights.cols;
    GemmWork weights = work;
    weights.kind = GemmKind::kWeightGradient;
    const ValueId weight_gradient = steps.make("weight.grad", TensorRole::kWeightGradient,
                                               ValueForm::kWide, layer.other_weights);
    emit_gemm(Pass::kBackwardWeight, {weights}, {above, ReductionAxis::kRows},
              {steps.input(0), ReductionAxis::kRows}, weight_gradient, steps);
    steps.set_other_weights_gradient(weight_gradient);
    if (!steps.needs_gradient(0)) return;
    const ValueId gradient = steps.make_input_gradient(0);
    emit_gemm(Pass::kBackwardData, {work}, {above, ReductionAxis::kCols},
              {steps.other_weights(), ReductionAxis::kRows}, gradient, steps);
    steps.add_input_gradient(0, gradient);
  }

 private:
  static GemmWork rows_of(const ShapedLayer& layer) {
    GemmWork work;
    work.h.in = work.h.out = matrix_view(layer.output_shapes[0]).rows;
    return work;
  }
};

}  // namespace

const LayerKind& tied_linear_kind() {
  static const TiedLinear kind;
  return kind;
}

}  // namespace mxsim
