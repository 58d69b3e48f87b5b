#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/pool_steps.h"

namespace mxsim {
namespace {

/// Mean over each channel of an image: N, C, H, W to N, C, 1, 1. Operations: pool_steps.h.
class GlobalAveragePool : public LayerKind {
 public:
  std::string_view op() const override { return "global_average_pool"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    if (input.size() != 4) {
      faults.add("/inputs/0", "shape " + to_string(input) + " is no image (N, C, H, W)");
      return {};
    }
    return {{input[0], input[1], 1, 1}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_average_forward(whole_image(layer), AverageOver::kWindow, steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_average_backward(whole_image(layer), AverageOver::kWindow, steps);
  }

 private:
  static WindowAxis whole(std::int64_t extent) {
    WindowAxis axis;
    axis.in = axis.taps = axis.kernel = axis.stride = extent;
    return axis;
  }
  static Window2d whole_image(const ShapedLayer& layer) {
    return {whole(layer.input_shapes[0][2]), whole(layer.input_shapes[0][3])};
  }
};

}  // namespace

const LayerKind& global_average_pool_kind() {
  static const GlobalAveragePool kind;
  return kind;
}

}  // namespace mxsim
