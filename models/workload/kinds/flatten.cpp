#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

/// Another shape for the same elements; no FP32 operation (see copy_step.h).
///   flatten           all axes but the batch become one: free where an image is one pixel
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

  void forward(const ShapedLayer&, StepBuilder& steps) const override { emit_copy_forward(steps); }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    emit_copy_backward(steps);
  }

 private:
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
