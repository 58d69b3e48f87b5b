#include <algorithm>
#include <array>
#include <numeric>

#include "models/workload/element_function.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"

namespace mxsim {
namespace {

/// The same elements in the same places of DRAM need no work; others are copied.
void view_forward(bool keeps_order, StepFunction copy, StepBuilder& steps) {
  const bool same = steps.value(steps.input(0)).view == steps.value(steps.output(0)).view;
  if (keeps_order && same) {
    steps.set_output(0, steps.input(0));
  } else {
    emit_copy_forward(std::move(copy), steps);
  }
}

void view_backward(bool keeps_order, const ShapedLayer& layer, StepFunction copy,
                   StepBuilder& steps) {
  if (!steps.needs_gradient(0)) return;
  const bool same = matrix_view(layer.input_shapes[0]) == matrix_view(layer.output_shapes[0]);
  if (keeps_order && same) {
    steps.add_input_gradient(0, steps.output_gradient(0));
  } else {
    emit_copy_backward(std::move(copy), steps);
  }
}

void check_elements(const Shape& input, const Shape& output, LayerFaults& faults) {
  if (checked_elements(output) == checked_elements(input)) return;
  faults.add("/attributes/shape",
             to_string(output) + " holds other elements than the input " + to_string(input));
}

/// Another shape for elements that stay in the order of DRAM (an image: pixel by pixel). Free where
/// rows and columns of the matrix view stay, otherwise a copy.
class Reshape : public LayerKind {
 public:
  std::string_view op() const override { return "reshape"; }
  std::span<const AttributeSpec> attributes() const override { return kOutputShape; }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = output_shape(layer);
    check_elements(layer.input_shapes[0], shape, faults);
    return {shape};
  }
  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    view_forward(true, plain_copy(matrix_view(layer.output_shapes[0])), steps);
  }
  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    view_backward(true, layer, plain_copy(matrix_view(layer.input_shapes[0])), steps);
  }
};

/// Elements of each batch element in another order: `factors` are extents of the input in the order
/// of DRAM (an image: height, width, channels), `order` numbers them as the output holds them. Any
/// chain of reshapes and transpositions (pixel shuffle, windows of tokens) is one of these.
class Permute : public LayerKind {
 public:
  std::string_view op() const override { return "permute"; }

  std::span<const AttributeSpec> attributes() const override {
    static constexpr std::array<AttributeSpec, 3> kSpecs{{
        {"shape", AttributeForm::kList, {}, 1, kLargestExtent, "extents of the output"},
        {"factors", AttributeForm::kList, {}, 1, kLargestExtent, "extents of the input, in order"},
        {"order", AttributeForm::kList, {}, 0, 63, "factor at each place of the output"},
    }};
    return kSpecs;
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    Shape shape = output_shape(layer);
    check_elements(layer.input_shapes[0], shape, faults);
    Shape factors = layer.attributes.list("factors");
    factors.push_back(layer.input_shapes[0][0]);
    if (checked_elements(factors) != checked_elements(layer.input_shapes[0])) {
      faults.add("/attributes/factors", "their product is not the input's elements");
    }
    std::vector<std::int64_t> order = layer.attributes.list("order");
    std::sort(order.begin(), order.end());
    std::vector<std::int64_t> all(factors.size() - 1);
    std::iota(all.begin(), all.end(), 0);
    if (order != all) faults.add("/attributes/order", "names not each factor once");
    return {shape};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    view_forward(keeps_order(layer), permuted(layer), steps);
  }
  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    view_backward(keeps_order(layer), layer, restored(layer), steps);
  }

 private:
  /// Elements from one value of each factor to the next, the batch first.
  static Shape strides_of(Shape extents) {
    std::int64_t stride = 1;
    for (std::size_t i = extents.size(); i-- > 0;) {
      const std::int64_t extent = extents[i];
      extents[i] = stride;
      stride *= extent;
    }
    return extents;
  }

  struct Axes {
    Shape extents;  ///< of the input, the batch first
    std::vector<std::size_t> order;
  };
  static Axes axes(const ShapedLayer& layer) {
    Axes axes{layer.attributes.list("factors"), {0}};
    axes.extents.insert(axes.extents.begin(), layer.input_shapes[0][0]);
    for (const std::int64_t each : layer.attributes.list("order")) {
      axes.order.push_back(static_cast<std::size_t>(each) + 1);
    }
    return axes;
  }

  static StepFunction permuted(const ShapedLayer& layer) {
    const auto [extents, order] = axes(layer);
    const Shape strides = strides_of(extents);
    Shape to;
    Shape from;
    for (const std::size_t axis : order) {
      to.push_back(extents[axis]);
      from.push_back(strides[axis]);
    }
    return strided_copy(to, from);
  }

  static StepFunction restored(const ShapedLayer& layer) {
    const auto [extents, order] = axes(layer);
    Shape permuted;
    for (const std::size_t axis : order) permuted.push_back(extents[axis]);
    const Shape strides = strides_of(permuted);
    Shape from(extents.size());
    for (std::size_t i = 0; i < order.size(); ++i) from[order[i]] = strides[i];
    return strided_copy(extents, from);
  }

  static bool keeps_order(const ShapedLayer& layer) {
    const std::vector<std::int64_t>& factors = layer.attributes.list("factors");
    std::int64_t last = -1;
    for (const std::int64_t each : layer.attributes.list("order")) {
      if (factors[static_cast<std::size_t>(each)] == 1) continue;
      if (each < last) return false;
      last = each;
    }
    return true;
  }
};

}  // namespace

const LayerKind& reshape_kind() {
  static const Reshape kind;
  return kind;
}

const LayerKind& permute_kind() {
  static const Permute kind;
  return kind;
}

}  // namespace mxsim
