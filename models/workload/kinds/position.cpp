#include "models/workload/element_function.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Sum over the batch elements, each of the grid's rows.
struct BatchSumKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      T* const sum = data.writes[0].row(row);
      std::fill_n(sum, data.grid.cols, T(0));
      for (std::int64_t i = row; i < data.reads[0].rows; i += data.grid.rows) {
        const T* const x = data.reads[0].row(i);
        for (std::int64_t c = 0; c < data.grid.cols; ++c) sum[c] += x[c];
      }
    }
  }
};

/// Adds a learned row to each token, the same for every batch element: N, T, C plus T, C. The table
/// is streamed past once. FP32 operations: 1 add an element; the table's gradient is the sum over
/// the batch, N - 1 adds an element of the table. The input takes the output's gradient as it is.
class Position : public LayerKind {
 public:
  std::string_view op() const override { return "position"; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of tokens (N, T, C)");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const Shape& shape = layer.input_shapes[0];
    return {{"weight", ParameterUse::kVector, shape[1], shape[2], InitialValues::kNormal}};
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.op = "position";
    step.grid = steps.value(steps.output(0)).view;
    step.ops = {{Event::kVectorAdd, 1}};
    step.function = added();
    step.reads = {steps.input(0), steps.parameter("weight")};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    if (steps.needs_gradient(0)) steps.add_input_gradient(0, above);
    Step step;
    step.pass = Pass::kBackwardWeight;
    step.kind = StepKind::kWindowed;
    step.op = "position_gradient";
    step.grid = steps.value(steps.parameter("weight")).view;
    step.ops = {{Event::kVectorAdd, layer.input_shapes[0][0] - 1}};
    step.function = step_function<BatchSumKernel>();
    step.reads = {above};
    step.writes = {
        steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kFp32, step.grid)};
    steps.emit(step);
    steps.set_parameter_gradient("weight", step.writes[0]);
  }
};

}  // namespace

const LayerKind& position_kind() {
  static const Position kind;
  return kind;
}

}  // namespace mxsim
