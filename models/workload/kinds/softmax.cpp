#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/softmax_step.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

/// With a mask, row r is query r modulo the keys, and takes the keys up to itself.
struct SoftmaxKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    const T scale = T(data.parameters.constants[0]);
    const bool causal = data.parameters.extents[0] == 1;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      const std::int64_t taken = causal ? row % cols + 1 : cols;
      for (std::int64_t i = 0; i < taken; ++i) y[i] = x[i] * scale;
      const T largest = *std::max_element(y, y + taken);
      T sum = 0;
      for (std::int64_t i = 0; i < taken; ++i) sum += y[i] = std::exp(y[i] - largest);
      const T share = 1 / sum;
      for (std::int64_t i = 0; i < taken; ++i) y[i] *= share;
      std::fill(y + taken, y + cols, T(0));
    }
  }
};

struct SoftmaxGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    const T scale = T(data.parameters.constants[0]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      const T* const y = data.reads[1].row(row);
      T* const dx = data.writes[0].row(row);
      T sum = 0;
      for (std::int64_t i = 0; i < cols; ++i) sum += y[i] * dy[i];
      for (std::int64_t i = 0; i < cols; ++i) dx[i] = y[i] * (dy[i] - sum) * scale;
    }
  }
};

/// Softmax over the last axis (softmax_step.h). Training keeps the output.
class Softmax : public LayerKind {
 public:
  std::string_view op() const override { return "softmax"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 3> kSpecs{{
        {"scale", AttributeForm::kScalar, 0, 0, 1, "whether inputs are scaled by a constant"},
        {"width", AttributeForm::kScalar, 0, 0, kLargestExtent,
         "the constant is 1 / sqrt(width): columns of a head; 0: not stated"},
        {"causal", AttributeForm::kScalar, 0, 0, 1, "whether later tokens are masked"},
    }};
    return kSpecs;
  }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{
        {{"factor", std::nullopt, "the constant, in place of a width"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    if (layer.input_shapes[0].size() == 4) {
      faults.add("/inputs/0", "shape " + to_string(layer.input_shapes[0]) +
                                  " is an image; softmax takes features last");
    }
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step = softmax_forward(steps.input(0), steps.output(0), form(layer), steps);
    step.function = function<SoftmaxKernel>(layer);
    steps.emit(std::move(step));
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const ValueId gradient = steps.make_input_gradient(0);
    Step step =
        softmax_backward(steps.output(0), steps.output_gradient(0), gradient, form(layer), steps);
    step.function = function<SoftmaxGradientKernel>(layer);
    steps.emit(std::move(step));
    steps.add_input_gradient(0, gradient);
  }

 private:
  static SoftmaxForm form(const ShapedLayer& layer) {
    return {layer.attributes.scalar("scale") == 1, layer.attributes.scalar("causal") == 1};
  }

  /// Nothing where the trace scales by a constant that it does not state.
  template <class Kernel>
  static StepFunction function(const ShapedLayer& layer) {
    const bool scales = layer.attributes.scalar("scale") == 1;
    const std::int64_t width = layer.attributes.scalar("width");
    const std::optional<double> factor = layer.constants.find("factor");
    if (scales && width == 0 && !factor) return {};
    StepParameters parameters;
    parameters.constants = {!scales  ? 1.0
                            : factor ? *factor
                                     : 1 / std::sqrt(static_cast<double>(width))};
    parameters.extents = {layer.attributes.scalar("causal")};
    return step_function<Kernel>(std::move(parameters));
  }
};

}  // namespace

const LayerKind& softmax_kind() {
  static const Softmax kind;
  return kind;
}

}  // namespace mxsim
