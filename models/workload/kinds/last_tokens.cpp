#include <algorithm>
#include <array>

#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// The last `count` tokens of each batch element, N, T, C to N, count, C: a language model that
/// generates needs the scores of its last token alone. 0, or more than there are: all tokens, at no
/// cost. Otherwise all tokens are streamed past; backward writes zeros for the others.
class LastTokens : public LayerKind {
 public:
  std::string_view op() const override { return "last_tokens"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"count", AttributeForm::kScalar, {}, 0, kLargestExtent, "tokens; 0: all"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of tokens (N, T, C)");
      return {};
    }
    const std::int64_t count = layer.attributes.scalar("count");
    if (count > 0) shape[1] = std::min(shape[1], count);
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (keeps_all(layer)) {
      steps.set_output(0, steps.input(0));
    } else {
      emit_copy_forward({}, steps);
    }
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!keeps_all(layer)) {
      emit_copy_backward({}, steps);
    } else if (steps.needs_gradient(0)) {
      steps.add_input_gradient(0, steps.output_gradient(0));
    }
  }

 private:
  static bool keeps_all(const ShapedLayer& layer) {
    return layer.input_shapes[0] == layer.output_shapes[0];
  }
};

}  // namespace

const LayerKind& last_tokens_kind() {
  static const LastTokens kind;
  return kind;
}

}  // namespace mxsim
