#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"

namespace mxsim {
namespace {

/// What one sweep over the rows costs.
using Operations = std::vector<VectorOps>;

/// Where layer norm and RMS norm differ.
struct NormRow {
  std::string_view op;
  std::int64_t statistics;  ///< FP32 numbers that training keeps of a row
  Operations forward;
  Operations backward;    ///< gradients of input and parameters
  Operations parameters;  ///< gradients of the parameters alone
  bool has_bias;
};

/// Normalisation of each row over its features; a row stays on chip between its sweeps. FP32
/// operations with x^ = (x - mean) / deviation (Ba et al. 2016), of an element:
///   layer norm forward    3 mul, 4 add   sum and sum of squares; centre, divide, scale, shift
///   layer norm backward   6 mul, 7 add   x^ again, dy x^, dy scale, sums of both over the row and
///                                        over the rows, dx = (g - mean(g) - x^ mean(g x^)) / dev.
///   its parameters alone  2 mul, 3 add   x^ again, dy x^, sums of both over the rows
/// and of a row: 3 mul, 2 add, 1 rsqrt (mean, variance, epsilon); backward 2 mul (means).
/// RMS norm (Zhang and Sennrich 2019) has no mean and no shift, and so neither their sums:
///   forward 3 mul, 1 add; backward 6 mul, 3 add; parameters alone 2 mul, 1 add; a row 1 mul, 1
///   add, 1 rsqrt; backward 1 mul.
class RowNorm : public LayerKind {
 public:
  explicit RowNorm(NormRow row) : row_(std::move(row)) {}
  std::string_view op() const override { return row_.op; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() == 4) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is an image; " + std::string(op()) +
                                  " takes features last");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const std::int64_t features = layer.input_shapes[0].back();
    std::vector<ParameterSpec> specs{{"weight", ParameterUse::kVector, 1, features}};
    if (row_.has_bias) specs.push_back({"bias", ParameterUse::kVector, 1, features});
    return specs;
  }

  void forward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.ops = row_.forward;
    step.reads = {steps.input(0)};
    step.broadcasts = {steps.parameter("weight")};
    if (row_.has_bias) step.broadcasts.push_back(steps.parameter("bias"));
    step.writes = {steps.output(0)};
    if (steps.mode() == Mode::kTrain) {
      step.writes.push_back(steps.make("statistics", TensorRole::kStatistic, ValueForm::kFp32,
                                       {step.grid.rows, row_.statistics}));
      steps.keep("statistics", step.writes[1]);
    }
    steps.emit(step);
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.reads = {steps.output_gradient(0), steps.input(0), steps.kept("statistics")};
    step.broadcasts = {steps.parameter("weight")};
    const std::vector<ValueId> gradients = make_parameter_gradients(steps);
    if (!steps.needs_gradient(0)) {
      step.kind = StepKind::kReduction;
      step.ops = row_.parameters;
      step.writes = gradients;
      steps.emit(step);
      return;
    }
    step.kind = StepKind::kWindowed;
    step.ops = row_.backward;
    step.writes = {steps.make_input_gradient(0)};
    step.sums = gradients;
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  std::vector<ValueId> make_parameter_gradients(StepBuilder& steps) const {
    std::vector<ValueId> gradients;
    const auto make = [&](const std::string& name) {
      gradients.push_back(steps.make(name + ".grad", TensorRole::kWeightGradient, ValueForm::kFp32,
                                     steps.value(steps.parameter(name)).view));
      steps.set_parameter_gradient(name, gradients.back());
    };
    make("weight");
    if (row_.has_bias) make("bias");
    return gradients;
  }

  NormRow row_;
};

}  // namespace

const LayerKind& layer_norm_kind() {
  static const RowNorm kind(
      {"layer_norm",
       2,
       {{Event::kVectorMul, 3, 3}, {Event::kVectorAdd, 4, 2}, {Event::kVectorSqrt, 0, 1}},
       {{Event::kVectorMul, 6, 2}, {Event::kVectorAdd, 7}},
       {{Event::kVectorMul, 2}, {Event::kVectorAdd, 3}},
       true});
  return kind;
}

const LayerKind& rms_norm_kind() {
  static const RowNorm kind(
      {"rms_norm",
       1,
       {{Event::kVectorMul, 3, 1}, {Event::kVectorAdd, 1, 1}, {Event::kVectorSqrt, 0, 1}},
       {{Event::kVectorMul, 6, 1}, {Event::kVectorAdd, 3}},
       {{Event::kVectorMul, 2}, {Event::kVectorAdd, 1}},
       false});
  return kind;
}

}  // namespace mxsim
