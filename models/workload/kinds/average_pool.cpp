#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/pool_steps.h"

namespace mxsim {
namespace {

/// Mean of a window, padding counted as zeros. Operations: pool_steps.h.
class AveragePool : public LayerKind {
 public:
  std::string_view op() const override { return "average_pool"; }
  std::span<const AttributeSpec> attributes() const override { return kPoolAttributes; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    return infer_pool(layer, faults);
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_average_forward(pool_window(layer), steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    emit_average_backward(pool_window(layer), steps);
  }
};

}  // namespace

const LayerKind& average_pool_kind() {
  static const AveragePool kind;
  return kind;
}

}  // namespace mxsim
