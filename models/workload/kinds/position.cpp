#include <algorithm>
#include <array>
#include <utility>

#include "models/workload/element_function.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// Sum over the batch elements, each of the table's rows; `extents`: first row that a token has,
/// tokens.
struct BatchSumKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t first = data.parameters.extents[0];
    const std::int64_t tokens = data.parameters.extents[1];
    for (std::int64_t row = begin; row < end; ++row) {
      T* const sum = data.writes[0].row(row);
      std::fill_n(sum, data.grid.cols, T(0));
      if (row < first || row >= first + tokens) continue;
      for (std::int64_t i = row - first; i < data.reads[0].rows; i += tokens) {
        const T* const x = data.reads[0].row(i);
        for (std::int64_t c = 0; c < data.grid.cols; ++c) sum[c] += x[c];
      }
    }
  }
};

/// Adds a learned row to each token, the same for every batch element: N, T, C plus T, C. The rows
/// are streamed past once. A table of more `entries` than tokens is read from row `context` on.
/// FP32 operations: 1 add an element; the table's gradient is the sum over the batch, N - 1 adds an
/// element of the table. The input takes the output's gradient as it is.
class Position : public LayerKind {
 public:
  std::string_view op() const override { return "position"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"entries", AttributeForm::kScalar, 0, 0, kLargestExtent, "rows; 0: as many as tokens"},
        {"context", AttributeForm::kScalar, 0, 0, kLargestExtent, "tokens before the first"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of tokens (N, T, C)");
      return {};
    }
    const std::int64_t last = layer.attributes.scalar("context") + shape[1];
    if (last > entries(layer)) {
      faults.add("/attributes/entries", "got " + std::to_string(entries(layer)) +
                                            ", expected at least the " + std::to_string(last) +
                                            " tokens up to the last");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const Shape& shape = layer.input_shapes[0];
    return {{"weight", ParameterUse::kVector, entries(layer), shape[2], InitialValues::kNormal}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const Shape& shape = layer.input_shapes[0];
    const bool whole = entries(layer) == shape[1];
    Step step;
    step.op = "position";
    step.grid = steps.value(steps.output(0)).view;
    step.ops = {{Event::kVectorAdd, 1}};
    step.function = added();
    step.function.parameters.extents = {layer.attributes.scalar("context"), entries(layer)};
    step.reads = {steps.input(0),
                  whole ? steps.parameter("weight")
                        : steps.give("rows", TensorRole::kMasterWeight, {shape[1], shape[2]})};
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
    StepParameters places;
    places.extents = {layer.attributes.scalar("context"), layer.input_shapes[0][1]};
    step.function = step_function<BatchSumKernel>(std::move(places));
    step.reads = {above};
    // Rows that no token has get a zero.
    step.writes = {
        steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kFp32, step.grid)};
    steps.emit(step);
    steps.set_parameter_gradient("weight", step.writes[0]);
  }

 private:
  static std::int64_t entries(const ShapedLayer& layer) {
    const std::int64_t given = layer.attributes.scalar("entries");
    return given > 0 ? given : layer.input_shapes[0][1] + layer.attributes.scalar("context");
  }
};

}  // namespace

const LayerKind& position_kind() {
  static const Position kind;
  return kind;
}

}  // namespace mxsim
