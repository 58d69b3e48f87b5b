#include <array>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/sum_step.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

/// Rows are (window, head, query), columns keys; `extents`: height and width of the window, heads.
struct BiasPlace {
  std::int64_t height;
  std::int64_t width;
  std::int64_t heads;

  explicit BiasPlace(const StepParameters& p)
      : height(p.extents[0]), width(p.extents[1]), heads(p.extents[2]) {}
  std::int64_t head(std::int64_t row) const { return row / (height * width) % heads; }
  std::int64_t table_row(std::int64_t row, std::int64_t key) const {
    const std::int64_t query = row % (height * width);
    const std::int64_t down = query / width - key / width + height - 1;
    const std::int64_t right = query % width - key % width + width - 1;
    return down * (2 * width - 1) + right;
  }
};

struct BiasKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const BiasPlace place(data.parameters);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        y[i] = x[i] + data.broadcasts[0].row(place.table_row(row, i))[place.head(row)];
      }
    }
  }
};

struct BiasGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const BiasPlace place(data.parameters);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        data.sums[0].row(place.table_row(row, i))[place.head(row)] += dy[i];
      }
    }
  }
};

/// A learned number for each head and distance of two tokens in a window, added to the scores of
/// attention within windows (Swin): N, (batches heads T), T with T = height x width of `window`.
/// The table, (2 height - 1)(2 width - 1) x heads, is read once. FP32 operations an element: 1 add,
/// and 1 add for the table's gradient.
class RelativeBias : public LayerKind {
 public:
  std::string_view op() const override { return "relative_bias"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"window", AttributeForm::kPair, {}, 1, kLargestKernel, "height and width in tokens"},
        {"heads", AttributeForm::kScalar, {}, 1, kLargestExtent, "heads"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    const Extent2d window = layer.attributes.pair("window");
    const std::int64_t tokens = window.h * window.w;
    const std::int64_t heads = layer.attributes.scalar("heads");
    if (shape.size() != 3 || shape[2] != tokens || shape[1] % tokens != 0 ||
        shape[1] / tokens % heads != 0) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no scores of " +
                                  std::to_string(heads) + " heads in windows of " +
                                  std::to_string(tokens) + " tokens");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const Extent2d window = layer.attributes.pair("window");
    return {{"weight", ParameterUse::kVector, (2 * window.h - 1) * (2 * window.w - 1),
             layer.attributes.scalar("heads"), InitialValues::kNormal}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.op = "relative_bias";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorAdd, 1}};
    step.function = function<BiasKernel>(layer);
    step.reads = {steps.input(0)};
    step.broadcasts = {steps.parameter("weight")};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    if (steps.needs_gradient(0)) steps.add_input_gradient(0, above);
    emit_reduced_gradient(Pass::kBackwardWeight, "relative_bias_gradient", above, "weight",
                          function<BiasGradientKernel>(layer), steps);
  }

 private:
  template <class Kernel>
  static StepFunction function(const ShapedLayer& layer) {
    const Extent2d window = layer.attributes.pair("window");
    StepParameters parameters;
    parameters.extents = {window.h, window.w, layer.attributes.scalar("heads")};
    return step_function<Kernel>(std::move(parameters));
  }
};

}  // namespace

const LayerKind& relative_bias_kind() {
  static const RelativeBias kind;
  return kind;
}

}  // namespace mxsim
