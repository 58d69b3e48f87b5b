#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "models/core/rng.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

/// Probabilities, and with labels the one that each row's label names.
struct ProbabilitiesKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      const T largest = *std::max_element(x, x + cols);
      T sum = 0;
      for (std::int64_t i = 0; i < cols; ++i) sum += y[i] = std::exp(x[i] - largest);
      for (std::int64_t i = 0; i < cols; ++i) y[i] /= sum;
      if (data.writes.size() == 1) continue;
      const auto label = static_cast<std::int64_t>(data.broadcasts[0].data[row]);
      data.writes[1].data[row] = label < cols ? y[label] : std::numeric_limits<T>::quiet_NaN();
    }
  }
};

struct LogLikelihoodKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T share = 1 / T(data.grid.rows);
    for (std::int64_t row = begin; row < end; ++row) {
      const T picked = std::max(data.reads[0].data[row], std::numeric_limits<T>::min());
      data.sums[0].data[0] -= std::log(picked) * share;
    }
  }
};

/// (p - 1[label]) / N, times the loss factor
struct ScoreGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T share = T(data.parameters.constants[0]) / T(data.grid.rows);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const p = data.reads[0].row(row);
      T* const dx = data.writes[0].row(row);
      const auto label = static_cast<std::int64_t>(data.broadcasts[0].data[row]);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        dx[i] = (p[i] - (i == label ? T(1) : T(0))) * share;
      }
    }
  }
};

/// Softmax of scores over T less a teacher's, and each row's Kullback-Leibler divergence from the
/// teacher's.
struct DistillationKernel {
  template <class T>
  static T log_sum(const T* x, std::int64_t cols, T temperature) {
    const T largest = *std::max_element(x, x + cols);
    T sum = 0;
    for (std::int64_t i = 0; i < cols; ++i) sum += std::exp((x[i] - largest) / temperature);
    return largest / temperature + std::log(sum);
  }

  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    const T temperature = T(data.parameters.constants[0]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      const T* const taught = data.reads[1].row(row);
      T* const difference = data.writes[0].row(row);
      const T all = log_sum(x, cols, temperature);
      const T all_taught = log_sum(taught, cols, temperature);
      T divergence = 0;
      for (std::int64_t i = 0; i < cols; ++i) {
        const T own = x[i] / temperature - all;
        const T wanted = taught[i] / temperature - all_taught;
        divergence += std::exp(wanted) * (wanted - own);
        difference[i] = std::exp(own) - std::exp(wanted);
      }
      data.writes[1].data[row] = divergence;
    }
  }
};

/// (1 - w) of the negative log-likelihood and w T^2 of the divergence
struct DistilledLossKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T share = 1 / T(data.grid.rows);
    const T labels = T(data.parameters.constants[0]);
    const T teacher = T(data.parameters.constants[1]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T picked = std::max(data.reads[0].data[row], std::numeric_limits<T>::min());
      data.sums[0].data[0] +=
          (teacher * data.reads[1].data[row] - labels * std::log(picked)) * share;
    }
  }
};

/// ((1 - w) (p - 1[label]) + w T (softmax(x / T) - softmax(teacher / T))) / N, times the loss
/// factor
struct DistilledGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T share = T(data.parameters.constants[0]) / T(data.grid.rows);
    const T labels = T(data.parameters.constants[1]);
    const T teacher = T(data.parameters.constants[2]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const p = data.reads[0].row(row);
      const T* const difference = data.reads[1].row(row);
      T* const dx = data.writes[0].row(row);
      const auto label = static_cast<std::int64_t>(data.broadcasts[0].data[row]);
      for (std::int64_t i = 0; i < data.grid.cols; ++i) {
        dx[i] = (labels * (p[i] - (i == label ? T(1) : T(0))) + teacher * difference[i]) * share;
      }
    }
  }
};

/// The number of each row's largest score; with a temperature, of the scores over it with Gumbel
/// noise added. Draws depend on the seed, the step and the place of the score.
struct SampleKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::int64_t cols = data.grid.cols;
    const T temperature = T(data.parameters.constants[0]);
    const CounterRng rng(data.settings.seed, "sample " + std::to_string(data.settings.step));
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const x = data.reads[0].row(row);
      T largest = -std::numeric_limits<T>::infinity();
      std::int64_t found = 0;
      for (std::int64_t i = 0; i < cols; ++i) {
        T score = x[i];
        if (temperature > 0) {
          const double drawn = rng.uniform(static_cast<std::uint64_t>(row * cols + i));
          score = score / temperature - T(std::log(-std::log(drawn + 0x1p-54)));
        }
        if (score > largest) largest = score, found = i;
      }
      data.sums[0].data[row] += T(found);
    }
  }
};

enum class LossOver : std::uint8_t { kClasses, kTokens };

/// Softmax and mean negative log-likelihood of the labels (given, 32 bits a row) over N x classes.
/// FP32 operations an element:
///   softmax   1 compare (maximum), 2 add (subtract it, sum), 1 exp, 1 divide; with labels 1 more
///             compare (pick the label's probability). A row stays on chip between its three
///             sweeps.
///   loss      1 log and 1 add a row
///   backward  1 compare, 1 add, 1 mul   (p - 1[label]) / N
/// Inference ends with the softmax: its output is the probabilities.
///
/// With `teacher`, training also compares the scores with a teacher's (given, FP32), as Hinton et
/// al., arXiv 1503.02531: loss (1 - w) cross entropy + w T^2 KL(softmax(teacher / T) || softmax(x /
/// T)).
///   distillation  2 compare, 8 add, 4 mul, 4 exp; 2 log a row
///   loss          1 log, 2 mul and 2 add a row
///   backward      1 compare, 2 add, 3 mul
///
/// next_token is the same over tokens, N x T x vocabulary or N x vocabulary, in training. Inference
/// draws a token for each row at a temperature instead: the largest of the scaled scores with
/// Gumbel noise added (Gumbel 1954; the same distribution as softmax and draw), in one sweep:
///   sampling  1 mul, 1 add, 2 log, 1 compare; greedy 1 compare alone
class CrossEntropy : public LayerKind {
 public:
  explicit CrossEntropy(LossOver over) : over_(over) {}
  std::string_view op() const override {
    return over_ == LossOver::kTokens ? "next_token" : "cross_entropy";
  }
  LayerRole role() const override { return LayerRole::kLoss; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{
        {{"teacher", AttributeForm::kScalar, 0, 0, 1,
          "whether training compares the scores with a teacher's, too"},
         {"greedy", AttributeForm::kScalar, 0, 0, 1, "whether the likeliest token is taken"}}};
    return std::span(kSpecs).first(over_ == LossOver::kTokens ? 2 : 1);
  }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 3> kSpecs{
        {{"teacher_weight", 0.5, "share of a teacher's scores in the loss"},
         {"teacher_temperature", 4.0,
          "what scores are divided by to compare them with a teacher's"},
         {"temperature", 1.0, "what scores are divided by before a token is drawn"}}};
    return std::span(kSpecs).first(over_ == LossOver::kTokens ? 3 : 2);
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    if (over_ == LossOver::kClasses && shape.size() != 2) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no batch of class scores (N, C)");
    }
    if (over_ == LossOver::kTokens && shape.size() != 2 && shape.size() != 3) {
      faults.add("/inputs/0", "shape " + to_string(shape) + " is no scores of tokens (N, T, V)");
    }
    return {{1}};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (over_ == LossOver::kTokens && steps.mode() == Mode::kInfer) return draw(layer, steps);
    const MatrixView grid = steps.value(steps.input(0)).view;
    Step softmax;
    softmax.kind = StepKind::kWindowed;
    softmax.op = "softmax";
    softmax.grid = grid;
    softmax.ops = {{Event::kVectorCompare, 1},
                   {Event::kVectorAdd, 2},
                   {Event::kVectorExp, 1},
                   {Event::kVectorDivide, 1}};
    softmax.function = step_function<ProbabilitiesKernel>();
    softmax.reads = {steps.input(0)};
    softmax.writes = {
        steps.make("probabilities", TensorRole::kActivation, ValueForm::kByPolicy, grid)};
    if (steps.mode() == Mode::kInfer) {
      steps.emit(softmax);
      steps.set_output(0, softmax.writes[0]);
      return;
    }
    softmax.ops[0].per_element += 1;
    softmax.broadcasts = {steps.give_codes("labels", 32, {grid.rows, 1})};
    softmax.writes.push_back(
        steps.make("picked", TensorRole::kStatistic, ValueForm::kFp32, {grid.rows, 1}));
    steps.emit(softmax);
    steps.keep("probabilities", softmax.writes[0]);
    steps.keep("labels", softmax.broadcasts[0]);
    if (has_teacher(layer)) {
      emit_distillation(layer, softmax.writes[1], steps);
    } else {
      emit_loss(softmax.writes[1], steps);
    }
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    if (has_teacher(layer)) return emit_distilled_gradient(layer, steps);
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = op();
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, 1}, {Event::kVectorAdd, 1}, {Event::kVectorMul, 1}};
    StepParameters factor;
    factor.constants = {steps.loss_factor()};
    step.function = step_function<ScoreGradientKernel>(std::move(factor));
    step.reads = {steps.kept("probabilities")};
    step.broadcasts = {steps.kept("labels")};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

 private:
  static void draw(const ShapedLayer& layer, StepBuilder& steps) {
    Step step;
    step.kind = StepKind::kReduction;
    step.op = "sample";
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, 1}};
    if (layer.attributes.scalar("greedy") == 0) {
      step.ops.insert(step.ops.end(),
                      {{Event::kVectorMul, 1}, {Event::kVectorAdd, 1}, {Event::kVectorLog, 2}});
    }
    StepParameters parameters;
    const bool greedy = layer.attributes.scalar("greedy") == 1;
    parameters.constants = {greedy ? 0.0 : layer.constants.value_or("temperature", 1.0)};
    step.function = step_function<SampleKernel>(std::move(parameters));
    step.reads = {steps.input(0)};
    step.writes = {steps.make_codes("token", 32, {step.grid.rows, 1})};
    steps.emit(step);
    steps.set_output(0, step.writes[0]);
  }

  static bool has_teacher(const ShapedLayer& layer) {
    return layer.attributes.scalar("teacher") == 1;
  }

  struct Teaching {
    double weight;
    double temperature;
  };
  static Teaching teaching(const ShapedLayer& layer) {
    return {layer.constants.value_or("teacher_weight", 0.5),
            layer.constants.value_or("teacher_temperature", 4.0)};
  }

  static void emit_distillation(const ShapedLayer& layer, ValueId picked, StepBuilder& steps) {
    const MatrixView grid = steps.value(steps.input(0)).view;
    const auto [weight, temperature] = teaching(layer);
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "distillation";
    step.grid = grid;
    step.ops = {{Event::kVectorCompare, 2},
                {Event::kVectorAdd, 8},
                {Event::kVectorMul, 4},
                {Event::kVectorExp, 4},
                {Event::kVectorLog, 0, 2}};
    StepParameters constants;
    constants.constants = {temperature};
    step.function = step_function<DistillationKernel>(std::move(constants));
    step.reads = {steps.input(0), steps.give("teacher", TensorRole::kStatistic, grid)};
    step.writes = {
        steps.make("difference", TensorRole::kActivation, ValueForm::kByPolicy, grid),
        steps.make("divergence", TensorRole::kStatistic, ValueForm::kFp32, {grid.rows, 1})};
    steps.emit(step);
    steps.keep("difference", step.writes[0]);
    Step loss;
    loss.kind = StepKind::kReduction;
    loss.op = "distilled_loss";
    loss.grid = steps.value(picked).view;
    loss.ops = {{Event::kVectorLog, 1}, {Event::kVectorMul, 2}, {Event::kVectorAdd, 2}};
    StepParameters shares;
    shares.constants = {1 - weight, weight * temperature * temperature};
    loss.function = step_function<DistilledLossKernel>(std::move(shares));
    loss.reads = {picked, step.writes[1]};
    loss.writes = {steps.output(0)};
    steps.emit(loss);
  }

  void emit_distilled_gradient(const ShapedLayer& layer, StepBuilder& steps) const {
    const auto [weight, temperature] = teaching(layer);
    Step step;
    step.pass = Pass::kBackwardData;
    step.op = op();
    step.grid = steps.value(steps.input(0)).view;
    step.ops = {{Event::kVectorCompare, 1}, {Event::kVectorAdd, 2}, {Event::kVectorMul, 3}};
    StepParameters factors;
    factors.constants = {steps.loss_factor(), 1 - weight, weight * temperature};
    step.function = step_function<DistilledGradientKernel>(std::move(factors));
    step.reads = {steps.kept("probabilities"), steps.kept("difference")};
    step.broadcasts = {steps.kept("labels")};
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }

  static void emit_loss(ValueId picked, StepBuilder& steps) {
    Step loss;
    loss.kind = StepKind::kReduction;
    loss.op = "negative_log_likelihood";
    loss.grid = steps.value(picked).view;
    loss.ops = {{Event::kVectorLog, 1}, {Event::kVectorAdd, 1}};
    loss.function = step_function<LogLikelihoodKernel>();
    loss.reads = {picked};
    loss.writes = {steps.output(0)};
    steps.emit(loss);
  }

  LossOver over_;
};

}  // namespace

const LayerKind& cross_entropy_kind() {
  static const CrossEntropy kind(LossOver::kClasses);
  return kind;
}

const LayerKind& next_token_kind() {
  static const CrossEntropy kind(LossOver::kTokens);
  return kind;
}

}  // namespace mxsim
