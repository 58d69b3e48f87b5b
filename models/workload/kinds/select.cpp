#include <array>

#include "models/workload/element_function.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// The rows of one token take the gradient, all others zero.
struct SpreadKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t tokens = data.parameters.extents[0];
    for (std::int64_t row = begin; row < end; ++row) {
      T* const dx = data.writes[0].row(row);
      if (row % tokens == data.parameters.extents[1]) {
        std::copy_n(data.reads[0].row(row / tokens), data.grid.cols, dx);
      } else {
        std::fill_n(dx, data.grid.cols, T(0));
      }
    }
  }
};

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

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const Shape& shape = layer.input_shapes[0];
    const std::int64_t offset = layer.attributes.scalar("index") * shape[2];
    emit_copy_forward(strided_copy({shape[0], shape[2]}, {shape[1] * shape[2], 1}, offset), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    StepParameters parameters;
    parameters.extents = {layer.input_shapes[0][1], layer.attributes.scalar("index")};
    emit_copy_backward(step_function<SpreadKernel>(std::move(parameters)), steps);
  }
};

}  // namespace

const LayerKind& select_kind() {
  static const Select kind;
  return kind;
}

}  // namespace mxsim
