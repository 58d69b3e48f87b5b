#include <array>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Which experts a token goes to: scores N, T, E to the weights N, T, k of its best k, softmax over
/// these, and their numbers (16 bits each). FP32 operations of a row: k compare a score (k maxima
/// one after another); of each weight 2 add, 1 exp, 1 mul; 1 divide. Backward: of each weight 2
/// mul, 2 add; scores that were not picked get zero.
class Route : public LayerKind {
 public:
  std::string_view op() const override { return "route"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"top_k", AttributeForm::kScalar, {}, 1, kLargestKernel, "experts of a token"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    const std::int64_t top_k = layer.attributes.scalar("top_k");
    if (shape.size() != 3 || shape[2] < top_k) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no scores of at least " +
                                  std::to_string(top_k) + " experts (N, T, E)");
      return {};
    }
    shape[2] = top_k;
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::int64_t top_k = layer.attributes.scalar("top_k");
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "route";
    step.grid = steps.value(steps.output(0)).view;
    step.ops = {{Event::kVectorCompare, 0, top_k * layer.input_shapes[0][2]},
                {Event::kVectorAdd, 2},
                {Event::kVectorExp, 1},
                {Event::kVectorMul, 1},
                {Event::kVectorDivide, 0, 1}};
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0), steps.make_codes("experts", 16, step.grid)};
    steps.keep("experts", step.writes[1]);
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const std::int64_t top_k = layer.attributes.scalar("top_k");
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "route";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorMul, 0, 2 * top_k}, {Event::kVectorAdd, 0, 2 * top_k}};
    step.reads = {steps.output_gradient(0), steps.output(0), steps.kept("experts")};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }
};

}  // namespace

const LayerKind& route_kind() {
  static const Route kind;
  return kind;
}

}  // namespace mxsim
