#include <array>

#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"

namespace mxsim {
namespace {

constexpr std::size_t kMostParts = 64;
constexpr AttributeSpec kAxis{"axis", AttributeForm::kScalar, {}, 1, 7, "axis, 0 is the batch"};

/// Tensors put together along an axis. Each is streamed past once and the whole is written; the
/// gradient is cut up again. No FP32 operation.
class Concat : public LayerKind {
 public:
  std::string_view op() const override { return "concat"; }
  std::size_t most_inputs() const override { return kMostParts; }
  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 1> kSpecs{{kAxis}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const auto axis = static_cast<std::size_t>(layer.attributes.scalar("axis"));
    Shape whole = layer.input_shapes[0];
    if (axis >= whole.size()) {
      faults.add("/attributes/axis", "shape " + to_string(whole) + " has no such axis");
      return {};
    }
    for (std::size_t i = 1; i < layer.input_shapes.size(); ++i) {
      Shape part = layer.input_shapes[i];
      if (part.size() == whole.size()) {
        if (__builtin_add_overflow(whole[axis], part[axis], &whole[axis])) whole[axis] = -1;
        part[axis] = whole[axis];
      }
      if (part != whole || whole[axis] < 1) {
        faults.add("/inputs", "shapes " + to_string(layer.input_shapes[0]) + " and " +
                                  to_string(layer.input_shapes[i]) + " cannot be put together");
        return {};
      }
    }
    return {whole};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    Step step;
    step.kind = StepKind::kWindowed;
    step.op = "concat";
    step.grid = steps.value(steps.output(0)).view;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) step.reads.push_back(steps.input(i));
    step.writes = {steps.output(0)};
    steps.emit(step);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    std::vector<std::pair<std::size_t, ValueId>> parts;
    for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
      if (steps.needs_gradient(i)) parts.emplace_back(i, steps.make_input_gradient(i));
    }
    if (parts.empty()) return;
    std::vector<ValueId> more;
    for (std::size_t i = 1; i < parts.size(); ++i) more.push_back(parts[i].second);
    emit_copy(Pass::kBackwardData, steps.output_gradient(0), parts[0].second, {}, steps, more);
    for (const auto& [index, gradient] : parts) steps.add_input_gradient(index, gradient);
  }
};

/// A tensor cut along an axis into parts of the sizes `sizes`. It is streamed past once and every
/// part is written; the gradients are put together again (zeros for parts that no loss depends on).
class Split : public LayerKind {
 public:
  std::string_view op() const override { return "split"; }
  std::size_t most_outputs() const override { return kMostParts; }
  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 2> kSpecs{
        {kAxis, {"sizes", AttributeForm::kList, {}, 1, kLargestExtent, "extent of each part"}}};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const auto axis = static_cast<std::size_t>(layer.attributes.scalar("axis"));
    const std::vector<std::int64_t>& sizes = layer.attributes.list("sizes");
    const Shape& whole = layer.input_shapes[0];
    std::int64_t sum = 0;
    for (const std::int64_t size : sizes) sum += size;
    if (axis >= whole.size() || sum != whole[axis] || sizes.size() != layer.outputs.size()) {
      faults.add("/attributes/sizes", "do not cut " + to_string(whole) + " along the axis into " +
                                          std::to_string(layer.outputs.size()) + " parts");
      return {};
    }
    std::vector<Shape> parts(sizes.size(), whole);
    for (std::size_t i = 0; i < sizes.size(); ++i) parts[i][axis] = sizes[i];
    return parts;
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    std::vector<ValueId> more;
    for (std::size_t i = 1; i < layer.outputs.size(); ++i) more.push_back(steps.output(i));
    emit_copy(Pass::kForward, steps.input(0), steps.output(0), {}, steps, more);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "split";
    step.grid = steps.value(steps.input(0)).view;
    for (std::size_t i = 0; i < layer.outputs.size(); ++i) {
      if (steps.has_output_gradient(i)) step.reads.push_back(steps.output_gradient(i));
    }
    step.writes = {steps.make_input_gradient(0)};
    steps.emit(step);
    steps.add_input_gradient(0, step.writes[0]);
  }
};

}  // namespace

const LayerKind& concat_kind() {
  static const Concat kind;
  return kind;
}

const LayerKind& split_kind() {
  static const Split kind;
  return kind;
}

}  // namespace mxsim
