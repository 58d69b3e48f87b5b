#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/pool_functions.h"
#include "models/workload/kinds/pool_steps.h"

namespace mxsim {
namespace {

/// Mean of a window, padding counted as zeros; with `count_padding` 0, over the positions on the
/// image. Operations: pool_steps.h.
class AveragePool : public LayerKind {
 public:
  std::string_view op() const override { return "average_pool"; }
  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 5> kSpecs{{
        kPoolAttributes[0],
        kPoolAttributes[1],
        kPoolAttributes[2],
        kPoolAttributes[3],
        {"count_padding", AttributeForm::kScalar, 1, 0, 1, "whether padding counts in the mean"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    return infer_pool(layer, faults);
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_average_forward(pool_window(layer), counted(layer), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_average_backward(pool_window(layer), counted(layer), steps);
  }

 private:
  static AverageOver counted(const ShapedLayer& layer) {
    return layer.attributes.scalar("count_padding") == 1 ? AverageOver::kWindow
                                                         : AverageOver::kImage;
  }
};

}  // namespace

const LayerKind& average_pool_kind() {
  static const AveragePool kind;
  return kind;
}

}  // namespace mxsim
