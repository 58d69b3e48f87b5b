#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

constexpr double kEpsilon = 1e-5;

/// About what a row's deviation is taken.
enum class Centre : std::uint8_t { kMean, kZero };

/// Mean (of layer norm) and 1 / deviation of a row, in the order in which training keeps them.
template <Centre kCentre, class T>
struct RowStatistics {
  T mean = 0;
  T inverse = 1;

  static RowStatistics of(const T* x, std::int64_t cols, T epsilon) {
    T sum = 0;
    T squares = 0;
    for (std::int64_t i = 0; i < cols; ++i) {
      if constexpr (kCentre == Centre::kMean) sum += x[i];
      squares += x[i] * x[i];
    }
    const T share = 1 / T(cols);
    RowStatistics statistics;
    statistics.mean = sum * share;
    const T variance = std::max(T(0), squares * share - statistics.mean * statistics.mean);
    statistics.inverse = 1 / std::sqrt(variance + epsilon);
    return statistics;
  }
  static RowStatistics kept(const T* row) {
    if constexpr (kCentre == Centre::kMean) return {row[0], row[1]};
    return {T(0), row[0]};
  }
  void keep(T* row) const {
    if constexpr (kCentre == Centre::kMean) *row++ = mean;
    *row = inverse;
  }
};

template <Centre kCentre>
struct NormaliseKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T epsilon = T(data.parameters.constants[0]);
    const T* const weight = data.broadcasts[0].data;
    const T* const bias = data.broadcasts.size() > 1 ? data.broadcasts[1].data : nullptr;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      const auto statistics = RowStatistics<kCentre, T>::of(x, data.grid.cols, epsilon);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        y[i] = (x[i] - statistics.mean) * statistics.inverse * weight[i];
        if (bias != nullptr) y[i] += bias[i];
      }
      if (data.writes.size() > 1) statistics.keep(data.writes[1].row(row));
    }
  }
};

/// Adds the row's summands of the parameters' gradients.
template <Centre kCentre>
struct ParametersKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      const T* const x = data.reads[1].row(row);
      const auto statistics = RowStatistics<kCentre, T>::kept(data.reads[2].row(row));
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        data.sums[0].data[i] += dy[i] * ((x[i] - statistics.mean) * statistics.inverse);
        if (data.sums.size() > 1) data.sums[1].data[i] += dy[i];
      }
    }
  }
};

template <Centre kCentre>
struct GradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    ParametersKernel<kCentre>::run(data, begin, end);
    const std::int64_t cols = data.grid.cols;
    const T share = 1 / T(cols);
    const T* const weight = data.broadcasts[0].data;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dy = data.reads[0].row(row);
      const T* const x = data.reads[1].row(row);
      T* const dx = data.writes[0].row(row);
      const auto statistics = RowStatistics<kCentre, T>::kept(data.reads[2].row(row));
      T sum = 0;
      T products = 0;
      for (std::int64_t i = 0; i < cols; ++i) {
        const T g = dy[i] * weight[i];
        if constexpr (kCentre == Centre::kMean) sum += g;
        products += g * ((x[i] - statistics.mean) * statistics.inverse);
      }
      for (std::int64_t i = 0; i < cols; ++i) {
        const T normal = (x[i] - statistics.mean) * statistics.inverse;
        dx[i] =
            (dy[i] * weight[i] - sum * share - normal * (products * share)) * statistics.inverse;
      }
    }
  }
};

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
  StepFunction normalise;
  StepFunction gradients;
  StepFunction parameter_gradients;
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
/// Without `bias` a layer norm has an add less of an element in each of the three.
class RowNorm : public LayerKind {
 public:
  explicit RowNorm(NormRow row) : row_(std::move(row)) {}
  std::string_view op() const override { return row_.op; }
  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"bias", AttributeForm::kScalar, 1, 0, 1, "whether every feature is shifted"}}};
    if (row_.has_bias) return kSpecs;
    return {};
  }
  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{
        {{"epsilon", kEpsilon, "added to the mean square of a row"}}};
    return kSpecs;
  }

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
    std::vector<ParameterSpec> specs{
        {"weight", ParameterUse::kVector, 1, features, InitialValues::kOnes}};
    if (has_bias(layer))
      specs.push_back({"bias", ParameterUse::kVector, 1, features, InitialValues::kZeros});
    return specs;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.ops = operations(row_.forward, layer);
    step.function = row_.normalise;
    step.function.parameters.constants = {layer.constants.value_or("epsilon", kEpsilon)};
    step.reads = {steps.input(0)};
    step.broadcasts = {steps.parameter("weight")};
    if (has_bias(layer)) step.broadcasts.push_back(steps.parameter("bias"));
    step.writes = {steps.output(0)};
    if (steps.mode() == Mode::kTrain) {
      step.writes.push_back(steps.make("statistics", TensorRole::kStatistic, ValueForm::kFp32,
                                       {step.grid.rows, row_.statistics}));
      steps.keep("statistics", step.writes[1]);
    }
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = row_.op;
    step.grid = steps.value(steps.input(0)).view;
    step.reads = {steps.output_gradient(0), steps.input(0), steps.kept("statistics")};
    step.broadcasts = {steps.parameter("weight")};
    const std::vector<ValueId> gradients = make_parameter_gradients(has_bias(layer), steps);
    if (!steps.needs_gradient(0)) {
      step.kind = StepKind::kReduction;
      step.ops = operations(row_.parameters, layer);
      step.function = row_.parameter_gradients;
      step.writes = gradients;
      steps.emit(step);
      return;
    }
    step.kind = StepKind::kWindowed;
    step.ops = operations(row_.backward, layer);
    step.function = row_.gradients;
    step.writes = {steps.make_input_gradient(0)};
    step.sums = gradients;
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  bool has_bias(const ShapedLayer& layer) const {
    return row_.has_bias && layer.attributes.scalar("bias") == 1;
  }

  /// Those of the row, without the additions of a shift that the layer lacks.
  Operations operations(Operations all, const ShapedLayer& layer) const {
    if (row_.has_bias == has_bias(layer)) return all;
    for (VectorOps& each : all) {
      if (each.op == Event::kVectorAdd) --each.per_element;
    }
    return all;
  }

  static std::vector<ValueId> make_parameter_gradients(bool has_bias, StepBuilder& steps) {
    std::vector<ValueId> gradients;
    const auto make = [&](const std::string& name) {
      gradients.push_back(steps.make(name + ".grad", TensorRole::kWeightGradient, ValueForm::kFp32,
                                     steps.value(steps.parameter(name)).view));
      steps.set_parameter_gradient(name, gradients.back());
    };
    make("weight");
    if (has_bias) make("bias");
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
       true,
       step_function<NormaliseKernel<Centre::kMean>>(),
       step_function<GradientKernel<Centre::kMean>>(),
       step_function<ParametersKernel<Centre::kMean>>()});
  return kind;
}

const LayerKind& rms_norm_kind() {
  static const RowNorm kind(
      {"rms_norm",
       1,
       {{Event::kVectorMul, 3, 1}, {Event::kVectorAdd, 1, 1}, {Event::kVectorSqrt, 0, 1}},
       {{Event::kVectorMul, 6, 1}, {Event::kVectorAdd, 3}},
       {{Event::kVectorMul, 2}, {Event::kVectorAdd, 1}},
       false,
       step_function<NormaliseKernel<Centre::kZero>>(),
       step_function<GradientKernel<Centre::kZero>>(),
       step_function<ParametersKernel<Centre::kZero>>()});
  return kind;
}

}  // namespace mxsim
