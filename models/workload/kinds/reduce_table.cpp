#include <array>
#include <vector>

#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"
#include "models/workload/step_builder.h"
#include "models/workload/vector_ops.h"

namespace mxsim {
namespace {

using Operations = std::vector<VectorOps>;

/// FP32 operations of a reduction: of every summand, of every result, and of the gradient of every
/// summand.
struct ReduceRow {
  std::string_view op;
  Operations summand;
  Operations result;
  Operations gradient;
};

const std::vector<ReduceRow>& reduce_table() {
  using enum Event;
  static const std::vector<ReduceRow> kRows{
      {"reduce_mean", {{kVectorAdd, 1}}, {{kVectorMul, 1}}, {{kVectorMul, 1}}},
      {"reduce_sum", {{kVectorAdd, 1}}, {}, {}},
      {"reduce_max", {{kVectorCompare, 1}}, {}, {{kVectorCompare, 1}}},
      {"reduce_min", {{kVectorCompare, 1}}, {}, {{kVectorCompare, 1}}},
      {"reduce_product", {{kVectorMul, 1}}, {}, {{kVectorMul, 1}, {kVectorDivide, 1}}},
      {"reduce_l1", {{kVectorCompare, 1}, {kVectorAdd, 1}}, {}, {{kVectorCompare, 1}}},
      {"reduce_l2",
       {{kVectorMul, 1}, {kVectorAdd, 1}},
       {{kVectorSqrt, 1}},
       {{kVectorMul, 1}, {kVectorDivide, 1}}},
      {"reduce_sum_square", {{kVectorMul, 1}, {kVectorAdd, 1}}, {}, {{kVectorMul, 2}}},
      {"reduce_log_sum", {{kVectorAdd, 1}}, {{kVectorLog, 1}}, {{kVectorDivide, 1}}},
      {"reduce_log_sum_exp",
       {{kVectorCompare, 1}, {kVectorAdd, 2}, {kVectorExp, 1}},
       {{kVectorLog, 1}, {kVectorAdd, 1}},
       {{kVectorAdd, 1}, {kVectorExp, 1}, {kVectorMul, 1}}},
      {"arg_max", {{kVectorCompare, 1}}, {}, {{kVectorMul, 1}}},
  };
  return kRows;
}

/// Results that each need several elements of the input, all in one sweep over it. `shape`: extents
/// of the output, which has at most as many elements as the input.
class Reduce : public LayerKind {
 public:
  explicit Reduce(const ReduceRow& row) : row_(row) {}
  std::string_view op() const override { return row_.op; }
  std::span<const AttributeSpec> attributes() const override { return kOutputShape; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    const Shape output = output_shape(layer);
    const auto results = checked_elements(output);
    if (!results || elements(input) % *results != 0) {
      faults.add("/attributes/shape",
                 to_string(output) + " is no reduction of the input " + to_string(input));
    }
    return {output};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = row_.op;
    step.grid = steps.value(steps.output(0)).view;
    const std::int64_t summands =
        elements(layer.input_shapes[0]) / elements(layer.output_shapes[0]);
    for (const VectorOps& ops : row_.summand) {
      add_ops(step.ops, {ops.op, ops.per_element * summands});
    }
    for (const VectorOps& ops : row_.result) add_ops(step.ops, ops);
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.ops = row_.gradient;
    step.reads = {steps.output_gradient(0)};
    if (row_.op != "reduce_mean" && row_.op != "reduce_sum") step.reads.push_back(steps.input(0));
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  const ReduceRow& row_;
};

}  // namespace

std::span<const LayerKind* const> reduce_kinds() { return kinds_of<Reduce>(reduce_table()); }

}  // namespace mxsim
