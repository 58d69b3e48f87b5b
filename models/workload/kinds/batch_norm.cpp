#include "models/workload/kinds/batch_norm.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

constexpr double kRunningShare = 0.1;  ///< of the newest batch in the running averages

struct StatisticsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    T* const sum = data.sums[0].row(0);
    T* const squares = data.sums[0].row(1);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      for (std::int64_t c = 0; c < data.grid.cols; ++c) {
        sum[c] += x[c];
        squares[c] += x[c] * x[c];
      }
    }
  }
};

/// From sums, weight, bias and running averages (mean, unbiased variance): scale and shift; mean
/// and 1 / deviation; running averages.
struct ChannelsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t, std::int64_t) {
    const T n = T(data.parameters.constants[0]);
    const T epsilon = T(data.parameters.constants[1]);
    const T unbiased = n > 1 ? n / (n - 1) : T(1);
    const T share = T(kRunningShare);
    for (std::int64_t c = 0; c < data.grid.cols; ++c) {
      const T mean = data.broadcasts[0].row(0)[c] / n;
      const T variance = std::max(T(0), data.broadcasts[0].row(1)[c] / n - mean * mean);
      const T inverse = 1 / std::sqrt(variance + epsilon);
      const T scale = data.broadcasts[1].data[c] * inverse;
      data.writes[0].row(0)[c] = scale;
      data.writes[0].row(1)[c] = data.broadcasts[2].data[c] - mean * scale;
      data.writes[1].row(0)[c] = mean;
      data.writes[1].row(1)[c] = inverse;
      if (data.writes.size() < 3) continue;  // work done again: the averages have moved
      const auto& before = data.broadcasts[3];
      data.writes[2].row(0)[c] = (1 - share) * before.row(0)[c] + share * mean;
      data.writes[2].row(1)[c] = (1 - share) * before.row(1)[c] + share * (variance * unbiased);
    }
  }
};

struct NormaliseKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T* const scale = data.broadcasts[0].row(0);
    const T* const shift = data.broadcasts[0].row(1);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t c = 0; c < data.grid.cols; ++c) y[c] = x[c] * scale[c] + shift[c];
    }
  }
};

/// Sums of dz and of dz * (y - mean).
struct BackwardSumsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T* const mean = data.broadcasts[0].row(0);
    T* const sum = data.sums[0].row(0);
    T* const products = data.sums[0].row(1);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dz = data.reads[0].row(row);
      const T* const y = data.reads[1].row(row);
      for (std::int64_t c = 0; c < data.grid.cols; ++c) {
        sum[c] += dz[c];
        products[c] += dz[c] * (y[c] - mean[c]);
      }
    }
  }
};

/// From these sums, what the forward pass kept and the weight: p, q, r; dscale; dshift.
struct FactorsKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t, std::int64_t) {
    const T n = T(data.parameters.constants[0]);
    for (std::int64_t c = 0; c < data.grid.cols; ++c) {
      const T sum = data.broadcasts[0].row(0)[c];
      const T products = data.broadcasts[0].row(1)[c];
      const T mean = data.broadcasts[1].row(0)[c];
      const T inverse = data.broadcasts[1].row(1)[c];
      const T p = data.broadcasts[2].data[c] * inverse;
      const T q = -(p * inverse * inverse * products) / n;
      data.writes[0].row(0)[c] = p;
      data.writes[0].row(1)[c] = q;
      data.writes[0].row(2)[c] = -(p * sum) / n - q * mean;
      data.writes[1].data[c] = products * inverse;
      data.writes[2].data[c] = sum;
    }
  }
};

struct BackwardKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T* const p = data.broadcasts[0].row(0);
    const T* const q = data.broadcasts[0].row(1);
    const T* const r = data.broadcasts[0].row(2);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const dz = data.reads[0].row(row);
      const T* const y = data.reads[1].row(row);
      T* const dy = data.writes[0].row(row);
      for (std::int64_t c = 0; c < data.grid.cols; ++c) dy[c] = p[c] * dz[c] + q[c] * y[c] + r[c];
    }
  }
};

/// Kernel that averages over the rows of the layer's input.
template <class Kernel>
StepFunction over_rows(const StepBuilder& steps) {
  StepParameters parameters;
  parameters.constants = {static_cast<double>(steps.value(steps.input(0)).view.rows),
                          steps.layer().constants.value_or("epsilon", kBatchNormEpsilon)};
  return step_function<Kernel>(std::move(parameters));
}

/// Normalisation per channel over all rows (Ioffe and Szegedy 2015). FP32 operations an element:
///   statistics     1 mul, 2 add   sum and sum of squares
///   normalise      1 mul, 1 add   scale and shift (inference: folded from running statistics)
///   backward sums  1 mul, 3 add   sum of dz, sum of dz * (y - mean)
///   backward       2 mul, 2 add   dy = p * dz + q * y + r with per-channel p, q, r
/// and a channel:
///   statistics 10 mul, 5 add, 1 rsqrt (mean, variance, scale, shift, two running averages);
///   backward 9 mul, 1 add (dscale, p, q, r).
class BatchNorm : public LayerKind {
 public:
  std::string_view op() const override { return "batch_norm"; }
  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{
        {{"epsilon", kBatchNormEpsilon, "added to variances"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (shape.size() != 4 && shape.size() != 2) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " has no channels to normalise");
    }
    return {shape};
  }

  std::vector<ParameterSpec> parameters(const ShapedLayer& layer) const override {
    const std::int64_t channels = layer.input_shapes[0][1];
    return {{"weight", ParameterUse::kVector, 1, channels, InitialValues::kOnes},
            {"bias", ParameterUse::kVector, 1, channels, InitialValues::kZeros}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const std::int64_t channels = layer.input_shapes[0][1];
    const ValueId affine = steps.mode() == Mode::kTrain
                               ? emit_statistics(channels, steps)
                               : steps.give("affine", TensorRole::kStatistic, {2, channels});
    Step normalise;
    normalise.op = "batch_norm";
    normalise.grid = steps.value(steps.input(0)).view;
    normalise.function = step_function<NormaliseKernel>();
    normalise.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 1}};
    normalise.reads = {steps.input(0)};
    normalise.broadcasts = {affine};
    normalise.writes = {steps.output(0)};
    steps.emit(normalise);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId sums = emit_backward_sums(layer.input_shapes[0][1], steps);
    const ValueId factors = emit_backward_factors(sums, steps);
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "batch_norm";
    step.grid = steps.value(steps.input(0)).view;
    step.function = step_function<BackwardKernel>();
    step.ops = {{Event::kVectorMul, 2}, {Event::kVectorAdd, 2}};
    step.reads = {steps.output_gradient(0), steps.input(0)};
    step.broadcasts = {factors};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  /// The batch's statistics and, from them, scale and shift of each channel.
  static ValueId emit_statistics(std::int64_t channels, StepBuilder& steps) {
    const auto per_channel = [&](std::string_view name) {
      return steps.make(name, TensorRole::kStatistic, ValueForm::kFp32, {2, channels});
    };
    Step sums;
    sums.kind = StepKind::kReduction;
    sums.op = "batch_norm_statistics";
    sums.grid = steps.value(steps.input(0)).view;
    sums.function = step_function<StatisticsKernel>();
    sums.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 2}};
    sums.reads = {steps.input(0)};
    sums.writes = {per_channel("sums")};
    steps.emit(sums);

    const ValueId running = steps.give("running", TensorRole::kStatistic, {2, channels});
    Step finish;
    finish.op = "batch_norm_channels";
    finish.grid = {1, channels};
    finish.function = over_rows<ChannelsKernel>(steps);
    finish.ops = {{Event::kVectorMul, 10}, {Event::kVectorAdd, 5}, {Event::kVectorSqrt, 1}};
    finish.broadcasts = {sums.writes[0], steps.parameter("weight"), steps.parameter("bias"),
                         running};
    finish.writes = {per_channel("affine"), per_channel("saved"), running};
    steps.emit(finish);
    steps.keep("saved", finish.writes[1]);
    return finish.writes[0];
  }

  static ValueId emit_backward_sums(std::int64_t channels, StepBuilder& steps) {
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kReduction;
    step.op = "batch_norm_sums";
    step.grid = steps.value(steps.input(0)).view;
    step.function = step_function<BackwardSumsKernel>();
    step.ops = {{Event::kVectorMul, 1}, {Event::kVectorAdd, 3}};
    step.reads = {steps.output_gradient(0), steps.input(0)};
    step.broadcasts = {steps.kept("saved")};
    step.writes = {
        steps.make("backward_sums", TensorRole::kStatistic, ValueForm::kFp32, {2, channels})};
    steps.emit(step);
    return step.writes[0];
  }

  /// Gradients of scale and shift, and the factors of the backward pass.
  static ValueId emit_backward_factors(ValueId sums, StepBuilder& steps) {
    const std::int64_t channels = steps.value(sums).view.cols;
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = "batch_norm_channels";
    step.grid = {1, channels};
    step.function = over_rows<FactorsKernel>(steps);
    step.ops = {{Event::kVectorMul, 9}, {Event::kVectorAdd, 1}};
    step.broadcasts = {sums, steps.kept("saved"), steps.parameter("weight")};
    step.writes = {
        steps.make("factors", TensorRole::kStatistic, ValueForm::kFp32, {3, channels}),
        steps.make("weight.grad", TensorRole::kWeightGradient, ValueForm::kFp32, {1, channels}),
        steps.make("bias.grad", TensorRole::kWeightGradient, ValueForm::kFp32, {1, channels})};
    steps.emit(step);
    steps.set_parameter_gradient("weight", step.writes[1]);
    steps.set_parameter_gradient("bias", step.writes[2]);
    return step.writes[0];
  }
};

}  // namespace

std::vector<float> folded_batch_norm(const float* running, const float* weight, const float* bias,
                                     std::int64_t channels, double epsilon) {
  std::vector<float> affine(static_cast<std::size_t>(2 * channels));
  for (std::int64_t c = 0; c < channels; ++c) {
    const float scale =
        weight[c] * (1 / std::sqrt(running[channels + c] + static_cast<float>(epsilon)));
    affine[static_cast<std::size_t>(c)] = scale;
    affine[static_cast<std::size_t>(channels + c)] = bias[c] - running[c] * scale;
  }
  return affine;
}

const LayerKind& batch_norm_kind() {
  static const BatchNorm kind;
  return kind;
}

}  // namespace mxsim
