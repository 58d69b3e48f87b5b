#include <algorithm>
#include <array>
#include <utility>

#include "models/workload/element_function.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// The last of `extents[0]` tokens take the `extents[1]` gradients of a batch element, all others
/// zero.
struct LastGradientsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t tokens = data.parameters.extents[0];
    const std::int64_t count = data.parameters.extents[1];
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t place = row % tokens - (tokens - count);
      T* const dx = data.writes[0].row(row);
      if (place < 0) {
        std::fill_n(dx, data.grid.cols, T(0));
      } else {
        std::copy_n(data.reads[0].row(row / tokens * count + place), data.grid.cols, dx);
      }
    }
  }
};

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
      const Shape& from = layer.input_shapes[0];
      const std::int64_t count = layer.output_shapes[0][1];
      emit_copy_forward(strided_copy({from[0], count, from[2]}, {from[1] * from[2], from[2], 1},
                                     (from[1] - count) * from[2]),
                        steps);
    }
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!keeps_all(layer)) {
      StepParameters places;
      places.extents = {layer.input_shapes[0][1], layer.output_shapes[0][1]};
      emit_copy_backward(step_function<LastGradientsKernel>(std::move(places)), steps);
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
