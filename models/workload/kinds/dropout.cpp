#include "models/workload/kinds/dropout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "models/core/rng.h"
#include "models/workload/kinds/elementwise_step.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

constexpr double kWords = 65536;  ///< a draw has 16 bits

/// Elements are dropped whose word lies below this.
double threshold(double rate) { return std::round(rate * kWords); }

/// The result, and the mask: 1 where an element stays. Work done again draws the same words.
struct DropoutKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const std::string stream = "dropout " + std::to_string(data.parameters.extents[0]) + " " +
                               std::to_string(data.settings.step);
    const CounterRng words(data.settings.seed, stream);
    const double dropped = data.parameters.constants[0];
    const T scale = T(kWords / (kWords - dropped));
    const std::int64_t past = end * data.grid.cols;
    for (std::int64_t i = begin * data.grid.cols; i < past; ++i) {
      const auto word = static_cast<double>(words.bits(static_cast<std::uint64_t>(i)) >> 48);
      const bool stays = word >= dropped;
      data.writes[0].data[i] = stays ? data.reads[0].data[i] * scale : T(0);
      data.writes[1].data[i] = stays ? T(1) : T(0);
    }
  }
};

struct DropoutGradientKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const T scale = T(kWords / (kWords - data.parameters.constants[0]));
    const std::int64_t past = end * data.grid.cols;
    for (std::int64_t i = begin * data.grid.cols; i < past; ++i) {
      data.writes[0].data[i] = data.reads[1].data[i] != 0 ? data.reads[0].data[i] * scale : T(0);
    }
  }
};

/// Zeroes elements at random and scales the others by 1 / (1 - rate) (Srivastava et al. 2014); in
/// inference nothing. FP32 operations an element: forward 1 draw, 2 compare (the word against the
/// rate, the selection), 1 mul; backward 1 selection, 1 mul. Training keeps a 1-bit mask.
class Dropout : public LayerKind {
 public:
  std::string_view op() const override { return "dropout"; }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{
        {{"rate", std::nullopt, "share of the elements that are dropped, below 1"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const std::optional<double> rate = layer.constants.find("rate");
    if (rate && !(*rate >= 0 && *rate < 1)) {
      faults.add("/constants/rate", "got " + std::to_string(*rate) + ", expected 0 to below 1");
    }
    return {layer.input_shapes[0]};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (steps.mode() != Mode::kTrain) {
      steps.set_output(0, steps.input(0));
      return;
    }
    Step step = elementwise_forward(
        op(), {{Event::kRandomDraws, 1}, {Event::kVectorCompare, 2}, {Event::kVectorMul, 1}},
        drawn<DropoutKernel>(layer), steps);
    step.writes.push_back(steps.make_codes("mask", 1, step.grid));
    steps.keep("mask", step.writes[1]);
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    emit_elementwise_backward(op(), {{Event::kVectorCompare, 1}, {Event::kVectorMul, 1}},
                              drawn<DropoutGradientKernel>(layer), steps.kept("mask"), steps);
  }

 private:
  /// Nothing where the trace states no rate: the layer has a cost alone.
  template <class Kernel>
  static StepFunction drawn(const ShapedLayer& layer) {
    const std::optional<double> rate = layer.constants.find("rate");
    if (!rate) return {};
    StepParameters parameters;
    parameters.extents = {static_cast<std::int64_t>(stable_hash(layer.name) >> 1)};
    parameters.constants = {std::min(threshold(*rate), kWords - 1)};
    return step_function<Kernel>(std::move(parameters));
  }
};

}  // namespace

const LayerKind& dropout_kind() {
  static const Dropout kind;
  return kind;
}

}  // namespace mxsim
