#include <array>
#include <utility>
#include <vector>

#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"
#include "models/workload/kinds/reduce_functions.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"
#include "models/workload/vector_ops.h"

namespace mxsim {
namespace {

using Operations = std::vector<VectorOps>;

template <class F>
StepFunction spread(F) {
  return step_function<reduction::SpreadKernel<F>>();
}

using reduction::ReduceKernel;

/// FP32 operations of a reduction: of every summand, of every result, and of the gradient of every
/// summand.
struct ReduceRow {
  std::string_view op;
  Operations summand;
  Operations result;
  Operations gradient;
  StepFunction function = {};
  StepFunction spread = {};  ///< the gradient of a summand; nothing: it has no values
};

/// Of the result's gradient and the summand.
std::vector<ReduceRow> sum_rows() {
  using enum Event;
  return {
      {"reduce_mean",
       {{kVectorAdd, 1}},
       {{kVectorMul, 1}},
       {{kVectorMul, 1}},
       step_function<ReduceKernel<reduction::Mean>>(),
       spread([](auto dy, auto, auto count) { return dy * (1 / count); })},
      {"reduce_sum",
       {{kVectorAdd, 1}},
       {},
       {},
       step_function<ReduceKernel<reduction::Sum>>(),
       spread([](auto dy, auto, auto) { return dy; })},
      {"reduce_l1",
       {{kVectorCompare, 1}, {kVectorAdd, 1}},
       {},
       {{kVectorCompare, 1}},
       step_function<ReduceKernel<reduction::AbsoluteSum>>(),
       spread([](auto dy, auto x, auto) { return x > 0   ? dy
                                                 : x < 0 ? -dy
                                                         : 0 * dy; })},
      {"reduce_sum_square",
       {{kVectorMul, 1}, {kVectorAdd, 1}},
       {},
       {{kVectorMul, 2}},
       step_function<ReduceKernel<reduction::SquareSum>>(),
       spread([](auto dy, auto x, auto) { return dy * (2 * x); })},
  };
}

std::vector<ReduceRow> other_rows() {
  using enum Event;
  return {
      {"reduce_max",
       {{kVectorCompare, 1}},
       {},
       {{kVectorCompare, 1}},
       step_function<ReduceKernel<reduction::Largest>>()},
      {"reduce_min",
       {{kVectorCompare, 1}},
       {},
       {{kVectorCompare, 1}},
       step_function<ReduceKernel<reduction::Smallest>>()},
      {"reduce_product",
       {{kVectorMul, 1}},
       {},
       {{kVectorMul, 1}, {kVectorDivide, 1}},
       step_function<ReduceKernel<reduction::Product>>()},
      {"reduce_l2",
       {{kVectorMul, 1}, {kVectorAdd, 1}},
       {{kVectorSqrt, 1}},
       {{kVectorMul, 1}, {kVectorDivide, 1}},
       step_function<ReduceKernel<reduction::Length>>()},
      {"reduce_log_sum",
       {{kVectorAdd, 1}},
       {{kVectorLog, 1}},
       {{kVectorDivide, 1}},
       step_function<ReduceKernel<reduction::LogSum>>()},
      {"reduce_log_sum_exp",
       {{kVectorCompare, 1}, {kVectorAdd, 2}, {kVectorExp, 1}},
       {{kVectorLog, 1}, {kVectorAdd, 1}},
       {{kVectorAdd, 1}, {kVectorExp, 1}, {kVectorMul, 1}},
       step_function<reduction::LogSumExpKernel>()},
      {"arg_max",
       {{kVectorCompare, 1}},
       {},
       {{kVectorMul, 1}},
       step_function<reduction::PlaceKernel>()},
  };
}

const std::vector<ReduceRow>& reduce_table() {
  static const std::vector<ReduceRow> kRows = [] {
    std::vector<ReduceRow> rows = sum_rows();
    for (ReduceRow& row : other_rows()) rows.push_back(std::move(row));
    return rows;
  }();
  return kRows;
}

/// Results that each need several elements of the input, all in one sweep over it. `shape`: extents
/// of the output, which has at most as many elements as the input. `factors` are extents of the
/// input in the order of DRAM (as of permute), `reduced` numbers those that are summed over;
/// without them there are no values.
class Reduce : public LayerKind {
 public:
  explicit Reduce(const ReduceRow& row) : row_(row) {}
  std::string_view op() const override { return row_.op; }
  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 5> kSpecs{{
        kOutputShape[0],
        {"factors", AttributeForm::kList, 0, 0, kLargestExtent, "extents of the input, in order"},
        {"reduced", AttributeForm::kList, 0, 0, 63, "factors that are reduced"},
        {"least", AttributeForm::kScalar, 0, 0, 1, "arg_max: whether the smallest is looked for"},
        {"last", AttributeForm::kScalar, 0, 0, 1, "arg_max: whether the last of equal ones"},
    }};
    return kSpecs;
  }

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
    step.function = placed(row_.function, layer);
    step.reads = {steps.input(0)};
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.ops = row_.gradient;
    step.function = placed(row_.spread, layer);
    step.reads = {steps.output_gradient(0)};
    if (row_.op != "reduce_mean" && row_.op != "reduce_sum") step.reads.push_back(steps.input(0));
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  /// The function with the places of summands; nothing where factors do not fit the shapes.
  static StepFunction placed(StepFunction function, const ShapedLayer& layer) {
    std::vector<std::int64_t> factors = layer.attributes.list("factors");
    factors.insert(factors.begin(), layer.input_shapes[0][0]);
    std::vector<bool> reduced(factors.size(), false);
    for (const std::int64_t each : layer.attributes.list("reduced")) {
      if (static_cast<std::size_t>(each) + 1 >= factors.size()) return {};
      reduced[static_cast<std::size_t>(each) + 1] = true;
    }
    std::int64_t stride = elements(layer.input_shapes[0]);
    if (!function || checked_elements(factors) != stride) return {};
    StepParameters& p = function.parameters;
    StepParameters summed;
    std::int64_t results = 1;
    for (std::size_t i = 0; i < factors.size(); ++i) {
      stride /= factors[i];
      StepParameters& to = reduced[i] ? summed : p;
      to.extents.push_back(factors[i]);
      to.strides.push_back(stride);
      if (!reduced[i]) results *= factors[i];
    }
    if (results != elements(layer.output_shapes[0])) return {};
    p.constants = {static_cast<double>(p.extents.size()),
                   layer.attributes.scalar("least") == 1 ? -1.0 : 1.0,
                   static_cast<double>(layer.attributes.scalar("last"))};
    p.extents.insert(p.extents.end(), summed.extents.begin(), summed.extents.end());
    p.strides.insert(p.strides.end(), summed.strides.begin(), summed.strides.end());
    return function;
  }

  const ReduceRow& row_;
};

}  // namespace

std::span<const LayerKind* const> reduce_kinds() { return kinds_of<Reduce>(reduce_table()); }

}  // namespace mxsim
