#include "models/workload/element_function.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/sum_step.h"

namespace mxsim {
namespace {

/// `extents`: tokens of an image without the learned one.
struct PrependKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t tokens = data.parameters.extents[0] + 1;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const from =
          row % tokens == 0 ? data.broadcasts[0].data : data.reads[0].row(row - row / tokens - 1);
      std::copy_n(from, data.grid.cols, data.writes[0].row(row));
    }
  }
};

/// Tokens without the learned one, and beside them the rows of the learned one.
struct DropKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t tokens = data.parameters.extents[0];
    for (std::int64_t row = begin; row < end; ++row) {
      const std::int64_t image = row / tokens;
      std::copy_n(data.reads[0].row(row + image + 1), data.grid.cols, data.writes[0].row(row));
      if (row % tokens != 0) continue;
      std::copy_n(data.reads[0].row(row + image), data.grid.cols, data.writes[1].row(image));
    }
  }
};

StepParameters tokens(const ShapedLayer& layer) {
  StepParameters parameters;
  parameters.extents = {layer.input_shapes[0][1]};
  return parameters;
}

/// Puts a learned token before the first of each image: N, T, C to N, T + 1, C, a copy. Backward
/// drops it again; its gradient is summed over the images, 1 FP32 add an element.
class ClassToken : public LayerKind {
 public:
  std::string_view op() const override { return "class_token"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of tokens (N, T, C)");
      return {};
    }
    shape[1] += 1;
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    return {
        {"weight", ParameterUse::kVector, 1, layer.input_shapes[0].back(), InitialValues::kNormal}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.function = step_function<PrependKernel>(tokens(layer));
    step.op = "class_token";
    step.grid = steps.value(steps.output(0)).view;
    step.reads = {steps.input(0)};
    step.broadcasts = {steps.parameter("weight")};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    const Shape& input = layer.input_shapes[0];
    const ValueId rows = steps.make("token_rows", TensorRole::kStatistic, ValueForm::kFp32,
                                    {input[0], input.back()});
    if (steps.needs_gradient(0)) {
      const ValueId gradient = steps.make_input_gradient(0);
      emit_copy(Pass::kBackwardData, above, gradient, step_function<DropKernel>(tokens(layer)),
                steps, {rows});
      steps.add_input_gradient(0, gradient);
    } else {
      const std::int64_t image = layer.output_shapes[0][1] * input.back();
      emit_copy(Pass::kBackwardData, above, rows,
                strided_copy({input[0], input.back()}, {image, 1}), steps);
    }
    emit_summed_gradient(Pass::kBackwardData, "class_token_gradient", rows, "weight", steps);
  }
};

}  // namespace

const LayerKind& class_token_kind() {
  static const ClassToken kind;
  return kind;
}

}  // namespace mxsim
