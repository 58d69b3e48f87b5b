#include <array>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/sum_step.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Rows of a learned table by number: N, T (numbers) to N, T, C, or N to N, C. Only the rows that
/// are named are read; the numbers are as wide as the table needs. The table's gradient is written
/// whole (the optimizer updates all of it): 1 add an element of the output. `tied` 1: another layer
/// multiplies by the table too (tied_linear).
class Embedding : public LayerKind {
 public:
  std::string_view op() const override { return "embedding"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 3> kSpecs{{
        {"entries", AttributeForm::kScalar, {}, 1, kLargestExtent, "rows of the table"},
        {"features", AttributeForm::kScalar, {}, 1, kLargestExtent, "columns of the table"},
        {"tied", AttributeForm::kScalar, 0, 0, 1, "whether another layer has the same weights"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() > 2) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of numbers (N, T)");
    }
    shape.push_back(layer.attributes.scalar("features"));
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const ParameterUse use =
        layer.attributes.scalar("tied") == 1 ? ParameterUse::kGemmOperand : ParameterUse::kVector;
    return {
        {"weight", use, layer.attributes.scalar("entries"), layer.attributes.scalar("features")}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    const MatrixView grid = steps.value(steps.output(0)).view;
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "embedding";
    step.grid = grid;
    step.reads = {steps.input(0), steps.give("rows", TensorRole::kMasterWeight, grid)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    emit_reduced_gradient(Pass::kBackwardWeight, "embedding_gradient", above, "weight", {}, steps);
  }
};

}  // namespace

const LayerKind& embedding_kind() {
  static const Embedding kind;
  return kind;
}

}  // namespace mxsim
