#include <algorithm>
#include <array>

#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/sum_step.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

/// Rows of the table that the numbers name (GroupExecutor looks them up).
struct RowsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      std::copy_n(data.reads[1].row(row), data.grid.cols, data.writes[0].row(row));
    }
  }
};

/// Adds each row of the gradient to the row of the table that its number names.
struct TableGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      T* const sum = data.sums[0].row(static_cast<std::int64_t>(data.reads[1].data[row]));
      for (std::int64_t i = 0; i < data.grid.cols; ++i) sum[i] += dy[i];
    }
  }
};

/// Rows of a learned table by number: N, T (numbers) to N, T, C, or N to N, C. Only the rows that
/// are named are read; the numbers are as wide as the table needs. The table's gradient is written
/// whole (the optimizer updates all of it): 1 add an element of the output, whose numbers are read
/// again. `tied` 1: another layer
/// multiplies by the table too (tied_linear).
class Embedding : public LayerKind {
 public:
  std::string_view op() const override { return "embedding"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 3> kSpecs{{
        {"entries", AttributeForm::kScalar, {}, 1, kLargestExtent, "rows of the table"},
        {"features", AttributeForm::kScalar, {}, 1, kLargestExtent, "columns of the table"},
        {"tied", AttributeForm::kScalar, 0, 0, 1, "whether another layer has the same weights"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = layer.input_shapes[0];
    if (shape.size() > 2) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of numbers (N, T)");
    }
    shape.push_back(layer.attributes.scalar("features"));
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const ParameterUse use =
        layer.attributes.scalar("tied") == 1 ? ParameterUse::kGemmOperand : ParameterUse::kVector;
    return {
        {"weight", use, layer.attributes.scalar("entries"), layer.attributes.scalar("features")}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const MatrixView grid = steps.value(steps.output(0)).view;
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "embedding";
    step.grid = grid;
    step.function = step_function<RowsKernel>();
    step.function.parameters.extents = {layer.attributes.scalar("entries")};
    step.reads = {steps.input(0), steps.give("rows", TensorRole::kMasterWeight, grid)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    emit_reduced_gradient(Pass::kBackwardWeight, "embedding_gradient", above, "weight",
                          step_function<TableGradientKernel>(), steps, {steps.input(0)});
  }
};

}  // namespace

const LayerKind& embedding_kind() {
  static const Embedding kind;
  return kind;
}

}  // namespace mxsim
