#include "models/workload/element_function.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// Another shape for the same elements; no FP32 operation (see copy_step.h).
///   flatten           all axes but the batch become one, an image channel by channel: free where
///                     it is one pixel
///   image_to_tokens   N, C, H, W to N, H * W, C: always free, as an image's rows are its pixels
class Reshape : public LayerKind {
 public:
  enum class Into : std::uint8_t { kVector, kTokens };
  Reshape(std::string_view op, Into into) : op_(op), into_(into) {}
  std::string_view op() const override { return op_; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    if (into_ == Into::kVector) return {{input[0], elements(input) / input[0]}};
    if (input.size() != 4) {
      faults.add("/inputs/0", "shape " + to_string(input) + " is no image (N, C, H, W)");
      return {};
    }
    return {{input[0], input[2] * input[3], input[1]}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_copy_forward(copy(layer, Way::kForward), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_copy_backward(copy(layer, Way::kBackward), steps);
  }

 private:
  enum class Way : std::uint8_t { kForward, kBackward };

  /// A vector holds an image channel by channel; DRAM, pixel by pixel.
  StepFunction copy(const ShapedLayer& layer, Way way) const {
    const Shape& input = layer.input_shapes[0];
    if (into_ == Into::kTokens || input.size() != 4) return plain_copy(matrix_view(input));
    const std::int64_t channels = input[1];
    const std::int64_t pixels = input[2] * input[3];
    const std::int64_t image = channels * pixels;
    return way == Way::kForward ? strided_copy({input[0], channels, pixels}, {image, 1, channels})
                                : strided_copy({input[0], pixels, channels}, {image, 1, pixels});
  }

  std::string_view op_;
  Into into_;
};

}  // namespace

const LayerKind& flatten_kind() {
  static const Reshape kind("flatten", Reshape::Into::kVector);
  return kind;
}

const LayerKind& image_to_tokens_kind() {
  static const Reshape kind("image_to_tokens", Reshape::Into::kTokens);
  return kind;
}

}  // namespace mxsim
