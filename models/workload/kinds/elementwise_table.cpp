#include <utility>
#include <vector>

#include "models/workload/kinds/elementwise_row.h"
#include "models/workload/kinds/elementwise_step.h"
#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

const std::vector<ElementwiseRow>& elementwise_table() {
  static const std::vector<ElementwiseRow> kRows = [] {
    std::vector<ElementwiseRow> all = activation_rows();
    for (const auto& more : {limit_rows(), function_rows(), family_rows()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return kRows;
}

class Elementwise : public LayerKind {
 public:
  explicit Elementwise(const ElementwiseRow& row) : row_(row) {}
  std::string_view op() const override { return row_.op; }
  std::span<const AttributeSpec> attributes() const override { return row_.attributes; }
  std::span<const ConstantSpec> constants() const override { return row_.constants; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults&) const override {
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    steps.emit(elementwise_forward(
        row_.op, row_.forward,
        row_.stated_function != nullptr ? row_.stated_function(layer) : row_.function, steps));
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    if (!row_.backward.empty()) {
      emit_elementwise_backward(
          row_.op, row_.backward,
          row_.stated_gradient != nullptr ? row_.stated_gradient(layer) : row_.gradient,
          steps.input(0), steps);
    } else if (layer.constants.value_or("sign", 1.0) == 1.0) {
      steps.add_input_gradient(0, steps.output_gradient(0));
    } else {  // the input is taken off
      emit_elementwise_backward(
          row_.op, {mul(1)},
          with_constants(layer, {"sign"}, [](auto dy, auto, const auto* c) { return c[0] * dy; }),
          steps.input(0), steps);
    }
  }

 private:
  const ElementwiseRow& row_;
};

}  // namespace

std::span<const LayerKind* const> elementwise_kinds() {
  return kinds_of<Elementwise>(elementwise_table());
}

}  // namespace mxsim
