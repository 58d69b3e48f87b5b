#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "models/workload/element_function.h"
#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/stretched_functions.h"
#include "models/workload/step_builder.h"
#include "models/workload/vector_ops.h"

namespace mxsim {
namespace {

using Operations = std::vector<VectorOps>;

/// A function of elements: of operands that lie alike, of stretched ones, and summed up over the
/// elements that an operand was stretched over.
struct Forms {
  StepFunction aligned = {};
  StepFunction stretched = {};
  StepFunction summed = {};
};

template <class F>
Forms forms(F f) {
  return {element(f), step_function<StretchedKernel<F>>(), step_function<StretchedSumKernel<F>>()};
}

Forms multiplied() {
  return forms([](auto a, auto b) { return a * b; });
}

Forms passed() {
  return forms([](auto dy) { return dy; });
}

/// Of one input's gradient, an element. Empty costs: the output's gradient passes unchanged.
struct BinaryGradient {
  Operations ops = {};
  Forms function = {};  ///< of the output's gradient and the inputs that are read
};

/// Which inputs a gradient needs beside the output's.
enum class Needs : std::uint8_t { kOthers, kAll };

/// An operator of two or three tensors.
struct BinaryRow {
  std::string_view op;
  std::size_t inputs = 2;
  Operations forward;
  Forms function = {};  ///< nothing where a trace does not state the operator's meaning
  Needs needs = Needs::kOthers;
  std::array<BinaryGradient, 3> backward = {};
};

using Rows = std::vector<BinaryRow>;

/// FP32 operations an element of the result. Products read the other input again, quotients, powers
/// and maxima both; a maximum lets the gradient of the larger input pass, of equal ones the first.
Rows arithmetic_rows() {
  using enum Event;
  return {
      {"add", 2, {{kVectorAdd, 1}}, forms([](auto a, auto b) { return a + b; })},
      {"subtract",
       2,
       {{kVectorAdd, 1}},
       forms([](auto a, auto b) { return a - b; }),
       Needs::kOthers,
       {{{}, {{{kVectorMul, 1}}, forms([](auto dy, auto) { return -dy; })}, {}}}},
      {"multiply",
       2,
       {{kVectorMul, 1}},
       multiplied(),
       Needs::kOthers,
       {{{{{kVectorMul, 1}}, multiplied()}, {{{kVectorMul, 1}}, multiplied()}, {}}}},
      {"divide",
       2,
       {{kVectorDivide, 1}},
       forms([](auto a, auto b) { return a / b; }),
       Needs::kAll,
       {{{{{kVectorDivide, 1}}, forms([](auto dy, auto, auto b) { return dy / b; })},
         {{{kVectorMul, 2}, {kVectorDivide, 1}},
          forms([](auto dy, auto a, auto b) { return -dy * a / (b * b); })},
         {}}}},
  };
}

Rows selection_rows() {
  using enum Event;
  return {
      {"maximum",
       2,
       {{kVectorCompare, 1}},
       forms([](auto a, auto b) { return a >= b ? a : b; }),
       Needs::kAll,
       {{{{{kVectorCompare, 1}},
          forms([](auto dy, auto a, auto b) { return a >= b ? dy : 0 * dy; })},
         {{{kVectorCompare, 1}},
          forms([](auto dy, auto a, auto b) { return a >= b ? 0 * dy : dy; })},
         {}}}},
      {"minimum",
       2,
       {{kVectorCompare, 1}},
       forms([](auto a, auto b) { return a <= b ? a : b; }),
       Needs::kAll,
       {{{{{kVectorCompare, 1}},
          forms([](auto dy, auto a, auto b) { return a <= b ? dy : 0 * dy; })},
         {{{kVectorCompare, 1}},
          forms([](auto dy, auto a, auto b) { return a <= b ? 0 * dy : dy; })},
         {}}}},
  };
}

Rows other_rows() {
  using enum Event;
  return {
      // exp(b log(a)); da = dy b y / a, db = dy y log(a)
      {"raise",
       2,
       {{kVectorLog, 1}, {kVectorMul, 1}, {kVectorExp, 1}},
       forms([](auto a, auto b) { return std::pow(a, b); }),
       Needs::kAll,
       {{{{{kVectorLog, 1}, {kVectorMul, 3}, {kVectorExp, 1}, {kVectorDivide, 1}},
          forms([](auto dy, auto a, auto b) { return dy * b * std::pow(a, b) / a; })},
         {{{kVectorLog, 1}, {kVectorMul, 3}, {kVectorExp, 1}},
          forms([](auto dy, auto a, auto b) { return dy * std::pow(a, b) * std::log(a); })},
         {}}}},
      {"remainder",
       2,
       {{kVectorDivide, 1}, {kVectorAdd, 3}, {kVectorMul, 1}},
       forms([](auto a, auto b) {  // has the divisor's sign
         const auto rest = std::fmod(a, b);
         return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
       }),
       Needs::kOthers,
       {{{}, {{{kVectorMul, 1}}, {}}, {}}}},
      {"compare",
       2,
       {{kVectorCompare, 1}},
       {},
       Needs::kOthers,
       {{{{{kVectorMul, 1}}, {}}, {{{kVectorMul, 1}}, {}}, {}}}},
      // a ? b : c
      {"where",
       3,
       {{kVectorCompare, 1}},
       forms([](auto a, auto b, auto c) { return a != 0 ? b : c; }),
       Needs::kOthers,
       {{{{{kVectorMul, 1}}, forms([](auto dy, auto, auto) { return 0 * dy; })},
         {{{kVectorCompare, 1}}, forms([](auto dy, auto a, auto) { return a != 0 ? dy : 0 * dy; })},
         {{{kVectorCompare, 1}},
          forms([](auto dy, auto a, auto) { return a != 0 ? 0 * dy : dy; })}}}},
  };
}

const Rows& binary_table() {
  static const Rows kRows = [] {
    Rows all = arithmetic_rows();
    for (const Rows& more : {selection_rows(), other_rows()}) {
      all.insert(all.end(), more.begin(), more.end());
    }
    return all;
  }();
  return kRows;
}

/// The shape that extents of one stretch to; empty when shapes do not fit together.
Shape stretched_shape(const std::vector<Shape>& shapes) {
  Shape all = shapes.front();
  for (const Shape& shape : shapes) {
    if (shape.size() != all.size() || shape[0] != all[0]) return {};
    for (std::size_t i = 1; i < shape.size(); ++i) {
      if (all[i] == 1) all[i] = shape[i];
      if (shape[i] != 1 && shape[i] != all[i]) return {};
    }
  }
  return all;
}

/// Element by element, of tensors of one rank; extents of one are stretched (a gate for each
/// channel of squeeze-and-excite). A stretched input is streamed past once. Its gradient sums the
/// elements that it was stretched over.
class Binary : public LayerKind {
 public:
  explicit Binary(const BinaryRow& row) : row_(row) {}
  std::string_view op() const override { return row_.op; }
  std::size_t input_count() const override { return row_.inputs; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"relation", AttributeForm::kScalar, 0, 0, 8,
          "0 not stated, 1 equal, 2 less, 3 at most, 4 more, 5 at least, 6 and, 7 or, 8 either"}}};
    static constexpr std::array<AttributeSpec, 1> kAddSpecs{
        {{"skip", AttributeForm::kScalar, 0, 0, 2,
          "of a residual addition: 0 keep, 1 one for each layer of its block instead, 2 remove"}}};
    if (row_.op == "compare") return kSpecs;
    if (row_.op == "add") return kAddSpecs;
    return {};
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = stretched_shape(layer.input_shapes);
    if (shape.empty()) {
      std::string shapes;
      for (const Shape& each : layer.input_shapes) {
        shapes += (shapes.empty() ? "" : " and ") + to_string(each);
      }
      faults.add("/inputs", "shapes " + shapes + " cannot be " + participle());
    }
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.op = row_.op;
    step.grid = steps.value(steps.output(0)).view;
    step.ops = row_.forward;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) step.reads.push_back(steps.input(i));
    step.kind = std::all_of(step.reads.begin(), step.reads.end(),
                            [&](ValueId v) { return steps.value(v).view == step.grid; })
                    ? StepKind::kElementwise
                    : StepKind::kWindowed;
    step.function = function(layer);
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (steps.needs_gradient(i)) input_gradient(layer, i, steps);
    }
  }

 private:
  /// No input is stretched.
  static bool is_aligned(const ShapedLayer& layer) {
    return std::all_of(layer.input_shapes.begin(), layer.input_shapes.end(),
                       [&](const Shape& shape) { return shape == layer.output_shapes[0]; });
  }

  StepFunction function(const ShapedLayer& layer) const {
    const Forms forms = row_.op == "compare" ? comparison(layer) : row_.function;
    if (is_aligned(layer)) return forms.aligned;
    return placed(forms.stretched, layer.output_shapes[0], layer.input_shapes);
  }

  static Forms comparison(const ShapedLayer& layer) {
    switch (layer.attributes.scalar("relation")) {
      case 1:
        return forms([](auto a, auto b) { return decltype(a)(a == b); });
      case 2:
        return forms([](auto a, auto b) { return decltype(a)(a < b); });
      case 3:
        return forms([](auto a, auto b) { return decltype(a)(a <= b); });
      case 4:
        return forms([](auto a, auto b) { return decltype(a)(a > b); });
      case 5:
        return forms([](auto a, auto b) { return decltype(a)(a >= b); });
      case 6:
        return forms([](auto a, auto b) { return decltype(a)(a != 0 && b != 0); });
      case 7:
        return forms([](auto a, auto b) { return decltype(a)(a != 0 || b != 0); });
      case 8:
        return forms([](auto a, auto b) { return decltype(a)((a != 0) != (b != 0)); });
      default:
        return {};
    }
  }

  static StepFunction placed(StepFunction function, const Shape& whole,
                             const std::vector<Shape>& operands) {
    if (function) function.parameters = stretched_parameters(whole, operands);
    return function;
  }

  StepFunction gradient_function(const ShapedLayer& layer, std::size_t index,
                                 std::int64_t summands) const {
    const BinaryGradient& gradient = row_.backward[index];
    const bool passes = gradient.ops.empty();
    if (is_aligned(layer)) return gradient.function.aligned;
    std::vector<Shape> operands{layer.output_shapes[0]};
    for (std::size_t i = 0; i < layer.inputs.size() && !passes; ++i) {
      if (i != index || row_.needs == Needs::kAll) operands.push_back(layer.input_shapes[i]);
    }
    if (summands > 1) operands.push_back(layer.input_shapes[index]);
    const Forms forms = passes ? passed() : gradient.function;
    return placed(summands > 1 ? forms.summed : forms.stretched, layer.output_shapes[0], operands);
  }

  std::string participle() const {
    if (row_.op == "add") return "added";
    if (row_.op == "multiply") return "multiplied";
    return "combined by " + std::string(row_.op);
  }

  void input_gradient(const ShapedLayer& layer, std::size_t index, StepBuilder& steps) const {
    const Operations& ops = row_.backward[index].ops;
    const ValueId above = steps.output_gradient(0);
    const std::int64_t summands =
        elements(layer.output_shapes[0]) / elements(layer.input_shapes[index]);
    if (ops.empty() && summands == 1) {
      steps.add_input_gradient(index, above);
      return;
    }
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = row_.op;
    const ValueId gradient = steps.make_input_gradient(index);
    step.grid = steps.value(gradient).view;
    step.kind = summands == 1 ? StepKind::kElementwise : StepKind::kWindowed;
    for (const VectorOps& each : ops) {
      add_ops(step.ops, {each.op, each.per_element * summands});
    }
    if (summands > 1) add_ops(step.ops, {Event::kVectorAdd, summands - 1});
    step.reads = {above};
    for (std::size_t i = 0; i < layer.inputs.size() && !ops.empty(); ++i) {
      if (i != index || row_.needs == Needs::kAll) step.reads.push_back(steps.input(i));
    }
    step.function = gradient_function(layer, index, summands);
    step.writes = {gradient};
    steps.emit(step);
    steps.add_input_gradient(index, gradient);
  }

  const BinaryRow& row_;
};

}  // namespace

std::span<const LayerKind* const> binary_kinds() { return kinds_of<Binary>(binary_table()); }

}  // namespace mxsim
