#include <array>

#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// One token of each batch element: N, T, C to N, C. No FP32 operation. All tokens are streamed
/// past (place it before row-wise layers, so that these work on one token); backward writes zeros
/// for the others.
class Select : public LayerKind {
 public:
  std::string_view op() const override { return "select"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"index", AttributeForm::kScalar, 0, 0, kLargestExtent, "which token, from 0"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of tokens (N, T, C)");
      return {};
    }
    if (layer.attributes.scalar("index") >= shape[1]) {
      faults.add("/attributes/index", "the input has " + std::to_string(shape[1]) + " tokens");
    }
    return {{shape[0], shape[2]}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override { emit_copy_forward(steps); }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    emit_copy_backward(steps);
  }
};

}  // namespace

const LayerKind& select_kind() {
  static const Select kind;
  return kind;
}

}  // namespace mxsim
