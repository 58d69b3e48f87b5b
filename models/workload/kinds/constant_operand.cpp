#include <array>

#include "models/workload/element_function.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/stretched_functions.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// A function where the constant's rows repeat over those of the input, and where they do not.
struct Forms {
  StepFunction repeated = {};
  StepFunction stretched = {};
};

template <class F>
Forms forms(F f) {
  return {element(f), step_function<StretchedKernel<F>>()};
}

/// One operation of a tensor and a constant of the network.
struct ConstantRow {
  std::string_view op;
  std::vector<VectorOps> forward;
  std::vector<VectorOps> input_gradient;     ///< empty: passes unchanged
  std::vector<VectorOps> constant_gradient;  ///< an element of the output, beside the sum
  InitialValues initial = InitialValues::kZeros;
  Forms function = {};        ///< of input and constant
  Forms input_function = {};  ///< of the output's gradient, the input if it is read, the constant
  Forms constant_function = {};  ///< summed up, of the output's gradient and the input
  bool gradient_reads_input = false;
};

/// Adds F(element i of every read) to the constant's element, whose rows repeat.
template <class F>
struct ConstantGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      T* const sum = data.sums[0].row(row % data.sums[0].rows);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        if constexpr (std::is_invocable_v<F, T, T>) {
          sum[i] += F{}(dy[i], data.reads[1].row(row)[i]);
        } else {
          sum[i] += F{}(dy[i]);
        }
      }
    }
  }
};

template <class F>
Forms summed(F) {
  return {step_function<ConstantGradientKernel<F>>(), step_function<StretchedAddKernel<F>>()};
}

/// A tensor and a constant that is stretched over it: shifts and scales of channels, tables added
/// to tokens, masks, slopes. `shape` is the constant's, without the batch; extents are the input's
/// or one. With `trained` 0 the constant is no parameter. FP32 operations an element as the table
/// says; the gradient of the constant adds 1 add.
class ConstantOperand : public LayerKind {
 public:
  explicit ConstantOperand(ConstantRow row) : row_(std::move(row)) {}
  std::string_view op() const override { return row_.op; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{{
        {"shape", AttributeForm::kList, {}, 1, kLargestExtent, "extents of the constant"},
        {"trained", AttributeForm::kScalar, 1, 0, 1, "whether it is a parameter"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    const Shape& shape = layer.attributes.list("shape");
    bool fits = shape.size() + 1 == input.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i) {
      fits = shape[i] == 1 || shape[i] == input[i + 1];
    }
    if (!fits) {
      faults.add("/attributes/shape",
                 to_string(shape) + " cannot be stretched to the input " + to_string(input));
    }
    return {input};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    if (layer.attributes.scalar("trained") == 0) return {};
    const MatrixView view = constant_view(layer);
    return {{"weight", ParameterUse::kVector, view.rows, view.cols, row_.initial}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId constant =
        layer.attributes.scalar("trained") == 1
            ? steps.parameter("weight")
            : steps.give("constant", TensorRole::kMasterWeight, constant_view(layer));
    steps.keep("constant", constant);
    Step step;
    step.op = row_.op;
    step.grid = steps.value(steps.output(0)).view;
    step.ops = row_.forward;
    step.function = placed(row_.function, layer, {layer.input_shapes[0], constant_shape(layer)});
    step.reads = {steps.input(0)};
    (is_row(layer) ? step.broadcasts : step.reads).push_back(constant);
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId above = steps.output_gradient(0);
    if (steps.needs_gradient(0)) input_gradient(layer, above, steps);
    if (layer.attributes.scalar("trained") == 1) constant_gradient(layer, above, steps);
  }

 private:
  static Shape constant_shape(const ShapedLayer& layer) {
    Shape shape = layer.attributes.list("shape");
    shape.insert(shape.begin(), 1);
    return shape;
  }
  static MatrixView constant_view(const ShapedLayer& layer) {
    return matrix_view(constant_shape(layer));
  }

  static StepFunction placed(const Forms& forms, const ShapedLayer& layer,
                             const std::vector<Shape>& operands) {
    if (repeats(layer)) return forms.repeated;
    StepFunction function = forms.stretched;
    if (function) function.parameters = stretched_parameters(layer.input_shapes[0], operands);
    return function;
  }

  /// The constant's rows repeat over those of the input: full innermost extents below stretched
  /// ones.
  static bool repeats(const ShapedLayer& layer) {
    const Shape& input = layer.input_shapes[0];
    Shape shape = layer.attributes.list("shape");
    Shape extents(input.begin() + 1, input.end());
    if (input.size() == 4) {  // in the order of DRAM
      std::rotate(shape.begin(), shape.begin() + 1, shape.end());
      std::rotate(extents.begin(), extents.begin() + 1, extents.end());
    }
    bool stretched = false;
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (shape[i] != extents[i]) stretched = true;
      if (stretched && shape[i] != 1) return false;
    }
    return shape.back() == extents.back();
  }

  /// One row for all rows of the grid stays on chip.
  static bool is_row(const ShapedLayer& layer) { return constant_view(layer).rows == 1; }

  void input_gradient(const ShapedLayer& layer, ValueId above, StepBuilder& steps) const {
    if (row_.input_gradient.empty()) {
      steps.add_input_gradient(0, above);
      return;
    }
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.ops = row_.input_gradient;
    std::vector<Shape> operands{layer.input_shapes[0]};
    step.reads = {above};
    if (row_.gradient_reads_input) {
      step.reads.push_back(steps.input(0));
      operands.push_back(layer.input_shapes[0]);
    }
    operands.push_back(constant_shape(layer));
    step.function = placed(row_.input_function, layer, operands);
    (is_row(layer) ? step.broadcasts : step.reads).push_back(steps.kept("constant"));
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

  void constant_gradient(const ShapedLayer& layer, ValueId above, StepBuilder& steps) const {
    Step step;
    step.pass = Pass::kBackwardWeight;
    step.kind = StepKind::kReduction;
    step.op = std::string(row_.op) + "_gradient";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = row_.constant_gradient;
    step.ops.push_back({Event::kVectorAdd, 1});
    std::vector<Shape> operands{layer.input_shapes[0]};
    step.reads = {above};
    if (!row_.constant_gradient.empty()) {
      step.reads.push_back(steps.input(0));
      operands.push_back(layer.input_shapes[0]);
    }
    operands.push_back(constant_shape(layer));
    step.function = placed(row_.constant_function, layer, operands);
    step.writes = {steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kFp32,
                              constant_view(layer))};
    steps.emit(step);
    steps.set_parameter_gradient("weight", step.writes[0]);
  }

  ConstantRow row_;
};

}  // namespace

const LayerKind& add_constant_kind() {
  static const ConstantOperand kind({"add_constant",
                                     {{Event::kVectorAdd, 1}},
                                     {},
                                     {},
                                     InitialValues::kZeros,
                                     forms([](auto x, auto c) { return x + c; }),
                                     {},
                                     summed([](auto dy) { return dy; })});
  return kind;
}

const LayerKind& multiply_constant_kind() {
  static const ConstantOperand kind({"multiply_constant",
                                     {{Event::kVectorMul, 1}},
                                     {{Event::kVectorMul, 1}},
                                     {{Event::kVectorMul, 1}},
                                     InitialValues::kOnes,
                                     forms([](auto x, auto c) { return x * c; }),
                                     forms([](auto dy, auto c) { return dy * c; }),
                                     summed([](auto dy, auto x) { return dy * x; })});
  return kind;
}

const LayerKind& prelu_kind() {
  static const ConstantOperand kind(
      {"prelu",
       {{Event::kVectorMul, 1}, {Event::kVectorCompare, 1}},
       {{Event::kVectorMul, 1}, {Event::kVectorCompare, 1}},
       {{Event::kVectorMul, 1}, {Event::kVectorCompare, 1}},
       InitialValues::kQuarter,
       forms([](auto x, auto c) { return x > 0 ? x : c * x; }),
       forms([](auto dy, auto x, auto c) { return x > 0 ? dy : dy * c; }),
       summed([](auto dy, auto x) { return x > 0 ? 0 * dy : dy * x; }),
       true});
  return kind;
}

}  // namespace mxsim
