#include <array>
#include <utility>

#include "models/workload/kinds/kinds.h"
#include "models/workload/step_builder.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

/// Columns 2 i and 2 i + 1 of each head turn by the token's angle, whose cosine and sine stand in
/// these columns of the broadcast; `constants[0]`: 1, or -1 to turn back.
struct TurnKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const auto& angles = data.broadcasts[0];
    const T way = T(data.parameters.constants[0]);
    for (std::int64_t row = begin; row < end; ++row) {
      const T* const angle = angles.row(row % angles.rows);
      const T* const x = data.reads[0].row(row);
      T* const y = data.writes[0].row(row);
      for (std::int64_t i = 0; i < data.grid.cols; i += 2) {
        const T cosine = angle[i % angles.cols];
        const T sine = way * angle[i % angles.cols + 1];
        y[i] = x[i] * cosine - x[i + 1] * sine;
        y[i + 1] = x[i] * sine + x[i + 1] * cosine;
      }
    }
  }
};

/// Rotary positions (Su et al. 2021): neighbouring columns of each head turn by an angle that
/// depends on the token. The sines and cosines, one number a token and column of a head (`width`),
/// are read once for all batch elements and heads. FP32 operations an element: 2 mul, 1 add, and
/// the same to turn the gradient back.
class Rotary : public LayerKind {
 public:
  std::string_view op() const override { return "rotary"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{
        {{"width", AttributeForm::kScalar, {}, 2, kLargestExtent, "columns of a head"}}};
    return kSpecs;
  }

  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{{{"base", 10000.0, "of the angles"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& shape = layer.input_shapes[0];
    const std::int64_t width = layer.attributes.scalar("width");
    if (shape.size() != 3 || shape[2] % width != 0 || width % 2 != 0) {
      faults.add("/inputs/0", "shape " + to_string(shape) +
                                  " is no batch of tokens with heads of " + std::to_string(width) +
                                  " columns in pairs");
    }
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const ValueId angles = steps.give("angles", TensorRole::kStatistic,
                                      {layer.input_shapes[0][1], layer.attributes.scalar("width")});
    steps.keep("angles", angles);
    steps.emit(turn(Pass::kForward, steps.input(0), angles, steps.output(0), steps));
  }

  void backward(const ShapedLayer&, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    const ValueId gradient = steps.make_input_gradient(0);
    steps.emit(
        turn(Pass::kBackwardData, steps.output_gradient(0), steps.kept("angles"), gradient, steps));
    steps.add_input_gradient(0, gradient);
  }

 private:
  static Step turn(Pass pass, ValueId from, ValueId angles, ValueId to, const StepBuilder& steps) {
    Step step;
    step.pass = pass;
    step.op = "rotary";
    step.grid = steps.value(from).view;
    step.ops = {{Event::kVectorMul, 2}, {Event::kVectorAdd, 1}};
    StepParameters way;
    way.constants = {pass == Pass::kForward ? 1.0 : -1.0};
    step.function = step_function<TurnKernel>(std::move(way));
    step.reads = {from};
    step.broadcasts = {angles};
    step.writes = {to};
    return step;
  }
};

}  // namespace

const LayerKind& rotary_kind() {
  static const Rotary kind;
  return kind;
}

}  // namespace mxsim
