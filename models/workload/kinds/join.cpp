#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/step_function.h"

namespace mxsim {
namespace {

constexpr std::size_t kMostParts = 64;
constexpr AttributeSpec kAxis{"axis", AttributeForm::kScalar, {}, 1, 7, "axis, 0 is the batch"};

/// Parts of a tensor along an axis, seen as outer x whole: `extents` hold the whole, then of each
/// part its first place and its length.
struct PartPlace {
  std::int64_t whole;
  std::vector<std::pair<std::int64_t, std::int64_t>> parts;

  explicit PartPlace(const StepParameters& p) : whole(p.extents[0]) {
    for (std::size_t i = 1; i < p.extents.size(); i += 2) {
      parts.emplace_back(p.extents[i], p.extents[i + 1]);
    }
  }
};

/// The reads side by side; zeros where no part lies.
struct JoinKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const PartPlace place(data.parameters);
    T* const to = data.writes[0].data;
    std::fill(to + begin * data.grid.cols, to + end * data.grid.cols, T(0));
    for (std::size_t part = 0; part < place.parts.size(); ++part) {
      const auto [first, length] = place.parts[part];
      const T* const from = data.reads[part].data;
      const std::int64_t lines = begin * data.grid.cols / place.whole;
      for (std::int64_t line = lines; line * place.whole < end * data.grid.cols; ++line) {
        const std::int64_t at = line * place.whole + first;
        const std::int64_t low = std::max(at, begin * data.grid.cols);
        const std::int64_t high = std::min(at + length, end * data.grid.cols);
        if (low >= high) continue;
        std::copy(from + line * length + (low - at), from + line * length + (high - at), to + low);
      }
    }
  }
};

/// The parts of the read, each into a write; a share of each part's rows.
struct CutKernel {
  template <class T>
  static void run(const StepData<T>& data, std::int64_t begin, std::int64_t end) {
    const PartPlace place(data.parameters);
    for (std::size_t part = 0; part < place.parts.size(); ++part) {
      const auto [first, length] = place.parts[part];
      const StepMatrix<T>& to = data.writes[part];
      const std::int64_t past = to.rows * end / data.grid.rows * to.cols;
      for (std::int64_t i = to.rows * begin / data.grid.rows * to.cols; i < past;) {
        const std::int64_t line = i / length;
        const std::int64_t count = std::min(past - i, length - i % length);
        std::copy_n(data.reads[0].data + line * place.whole + first + i % length, count,
                    to.data + i);
        i += count;
      }
    }
  }
};

/// Elements behind one place along the axis, in the order of DRAM.
std::int64_t inner_elements(const Shape& shape, std::size_t axis) {
  if (shape.size() != 4) {
    return elements(Shape(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end()));
  }
  return axis == 1 ? 1 : axis == 2 ? shape[3] * shape[1] : shape[1];
}

/// Of the parts of the layer's axis whose sizes these are, those that `takes` says.
template <class Kernel, class Takes>
StepFunction of_parts(const ShapedLayer& layer, const Shape& whole,
                      const std::vector<std::int64_t>& sizes, Takes takes) {
  const auto axis = static_cast<std::size_t>(layer.attributes.scalar("axis"));
  const std::int64_t inner = inner_elements(whole, axis);
  StepParameters parameters;
  parameters.extents = {whole[axis] * inner};
  std::int64_t first = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    if (takes(i)) {
      parameters.extents.push_back(first * inner);
      parameters.extents.push_back(sizes[i] * inner);
    }
    first += sizes[i];
  }
  return step_function<Kernel>(std::move(parameters));
}

/// Extents along the layer's axis.
std::vector<std::int64_t> axis_sizes(const ShapedLayer& layer, const std::vector<Shape>& shapes) {
  std::vector<std::int64_t> sizes;
  for (const Shape& shape : shapes) {
    sizes.push_back(shape[static_cast<std::size_t>(layer.attributes.scalar("axis"))]);
  }
  return sizes;
}

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
    step.function =
        of_parts<JoinKernel>(layer, layer.output_shapes[0], axis_sizes(layer, layer.input_shapes),
                             [](std::size_t) { return true; });
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
    StepFunction cut =
        of_parts<CutKernel>(layer, layer.output_shapes[0], axis_sizes(layer, layer.input_shapes),
                            [&](std::size_t i) { return steps.needs_gradient(i); });
    emit_copy(Pass::kBackwardData, steps.output_gradient(0), parts[0].second, std::move(cut), steps,
              more);
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
    StepFunction cut =
        of_parts<CutKernel>(layer, layer.input_shapes[0], axis_sizes(layer, layer.output_shapes),
                            [](std::size_t) { return true; });
    emit_copy(Pass::kForward, steps.input(0), steps.output(0), std::move(cut), steps, more);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    if (!steps.needs_gradient(0)) return;
    Step step;
    step.pass = Pass::kBackwardData;
    step.kind = StepKind::kWindowed;
    step.op = "split";
    step.grid = steps.value(steps.input(0)).view;
    step.function =
        of_parts<JoinKernel>(layer, layer.input_shapes[0], axis_sizes(layer, layer.output_shapes),
                             [&](std::size_t i) { return steps.has_output_gradient(i); });
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
