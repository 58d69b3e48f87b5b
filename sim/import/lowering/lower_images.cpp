#include <fmt/format.h>

#include <algorithm>

#include "models/core/error.h"
#include "sim/import/lowering/element_order.h"
#include "sim/import/lowering/lowerings.h"

namespace mxsim {
namespace {

/// A window over the one or two axes behind the channels, as attributes of a trace's layer.
struct WindowAttributes {
  std::vector<std::int64_t> kernel{1, 1};
  std::vector<std::int64_t> stride{1, 1};
  std::vector<std::int64_t> dilation{1, 1};
  std::vector<std::int64_t> padding{0, 0, 0, 0};  ///< top, left, bottom, right
};

std::vector<std::int64_t> list_of(const NetNode& node, const char* key, std::size_t size,
                                  std::int64_t standard) {
  const auto found = node.integers.find(key);
  if (found == node.integers.end() || found->second.empty()) {
    return std::vector<std::int64_t>(size, standard);
  }
  if (found->second.size() != size) {
    throw InputError(
        fmt::format("{} has {} numbers, expected {}", key, found->second.size(), size));
  }
  return found->second;
}

/// Padding in front so that windows end where the result's extent says; the rest lies behind.
std::int64_t leading_pad(const NetNode& node, const std::vector<std::int64_t>& pads,
                         std::size_t axis, std::int64_t needed) {
  const std::string automatic = node.text("auto_pad", "NOTSET");
  const std::int64_t whole = std::max<std::int64_t>(0, needed);
  if (automatic == "SAME_UPPER") return whole / 2;
  if (automatic == "SAME_LOWER") return whole - whole / 2;
  if (automatic == "VALID") return 0;
  return pads[axis];
}

WindowAttributes window_of(const NetNode& node, const Shape& in, const Shape& out,
                           const std::vector<std::int64_t>& kernel) {
  const std::size_t axes = in.size() - 2;
  if (in.size() < 3 || axes > 2) {
    throw InputError(
        fmt::format("a window over {} axes, which convolutions and pooling alone have", axes));
  }
  WindowAttributes window;
  const auto strides = list_of(node, "strides", axes, 1);
  const auto dilations = list_of(node, "dilations", axes, 1);
  const auto pads = list_of(node, "pads", 2 * axes, 0);
  for (std::size_t i = 0; i < axes; ++i) {
    const std::size_t at = 2 - axes + i;
    window.kernel[at] = kernel.at(i);
    window.stride[at] = strides[i];
    window.dilation[at] = dilations[i];
    if (kernel[i] < 1 || strides[i] < 1 || dilations[i] < 1 || pads[i] < 0) {
      throw InputError("a kernel, stride, dilation or padding below its least value");
    }
    const std::int64_t reach = exact_mul(kernel[i] - 1, dilations[i]) + 1;
    const std::int64_t needed = exact_mul(out[i + 2] - 1, strides[i]) + reach - in[i + 2];
    const std::int64_t before = leading_pad(node, pads, i, needed);
    window.padding[at] = before;
    window.padding[at + 2] = std::max<std::int64_t>(0, needed - before);
  }
  return window;
}

RawAttributes attributes_of(const WindowAttributes& window, bool has_dilation) {
  const auto shortest = [](const std::vector<std::int64_t>& all) {
    const bool same =
        std::all_of(all.begin(), all.end(), [&](auto each) { return each == all[0]; });
    return same ? std::vector<std::int64_t>{all[0]} : all;
  };
  RawAttributes attributes{{"kernel", shortest(window.kernel)},
                           {"stride", shortest(window.stride)},
                           {"padding", shortest(window.padding)}};
  if (has_dilation) attributes["dilation"] = shortest(window.dilation);
  return attributes;
}

std::vector<std::int64_t> kernel_of(const Shape& weights) {
  return {weights.begin() + 2, weights.end()};
}

/// Shape of the weights; those that are computed have no meaning here.
const Shape& weights_of(const NetNode& node, TraceBuilder& trace) {
  const int weights = node.inputs.at(1);
  if (!trace.is_constant(weights)) throw InputError("its weights are computed by the network");
  return trace.shape(weights);
}

/// Throws InputError for weights that do not fit the node's input and kernel.
void check_weights(const NetNode& node, const Shape& weights, const TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs.at(0));
  const std::int64_t groups = node.integer("group", 1);
  const auto kernel = node.integers.find("kernel_shape");
  const bool fits = weights.size() == in.size() && weights.size() > 2 && groups > 0 &&
                    exact_mul(weights[1], groups) == in[1] &&
                    (kernel == node.integers.end() || kernel->second == kernel_of(weights));
  if (fits) return;
  throw InputError(fmt::format("weights {} do not fit the input {}, {} groups and the kernel",
                               to_string(weights), to_string(in), groups));
}

std::int64_t has_bias(const NetNode& node) {
  return node.inputs.size() > 2 && node.inputs[2] >= 0 ? 1 : 0;
}

using Numbers = std::vector<std::vector<float>>;

/// Weights O, C, kernel as rows (kernel, C) and columns O; and a bias.
void bind_kernel(const NetNode& node, TraceBuilder& trace) {
  const Shape shape = trace.shape(node.inputs[1]);
  std::vector<std::size_t> order;
  for (std::size_t axis = 2; axis < shape.size(); ++axis) order.push_back(axis);
  order.insert(order.end(), {1, 0});
  trace.bind("weight", {node.inputs[1]},
             [shape, order](const Numbers& n) { return permuted(n[0], shape, order); });
  if (has_bias(node) == 1) {
    trace.bind("bias", {node.inputs[2]}, [](const Numbers& n) { return n[0]; });
  }
}

/// Scale and shift of channels.
void bind_channels(const NetNode& node, TraceBuilder& trace) {
  trace.bind("weight", {node.inputs.at(1)}, [](const Numbers& n) { return n[0]; });
  trace.bind("bias", {node.inputs.at(2)}, [](const Numbers& n) { return n[0]; });
  const auto epsilon = node.numbers.find("epsilon");
  trace.state("epsilon", epsilon == node.numbers.end() ? 1e-5 : epsilon->second);
}

void emit_image(const std::string& op, const NetNode& node, RawAttributes attributes,
                TraceBuilder& trace) {
  const TensorLayout from = trace.volume(node.inputs.at(0));
  trace.set_image(node.outputs[0], trace.add(op, node.name, {from.tensor}, std::move(attributes)));
}

/// The node with some of its window's axes alone.
NetNode with_axes(const NetNode& node, std::size_t first, std::size_t count) {
  NetNode part = node;
  for (const char* key : {"kernel_shape", "strides", "dilations", "pads"}) {
    const auto found = part.integers.find(key);
    if (found == part.integers.end()) continue;
    const bool sides = std::string(key) == "pads";
    const std::vector<std::int64_t> all = list_of(node, key, sides ? 6 : 3, 0);
    std::vector<std::int64_t> kept(all.begin() + static_cast<std::ptrdiff_t>(first),
                                   all.begin() + static_cast<std::ptrdiff_t>(first + count));
    if (sides) {
      const auto behind = all.begin() + static_cast<std::ptrdiff_t>(3 + first);
      kept.insert(kept.end(), behind, behind + static_cast<std::ptrdiff_t>(count));
    }
    found->second = std::move(kept);
  }
  return part;
}

/// Two windows that make one over three axes: along the depth, then over height and width.
struct VolumeWindows {
  WindowAttributes depth;  ///< in the place of the width
  WindowAttributes slice;
  std::int64_t in = 1;  ///< slices before and after
  std::int64_t out = 1;

  VolumeWindows(const NetNode& node, const Shape& from, const Shape& to,
                const std::vector<std::int64_t>& kernel)
      : depth(window_of(with_axes(node, 0, 1), {from[0], from[1], from[2]}, {to[0], to[1], to[2]},
                        {kernel.at(0)})),
        slice(window_of(with_axes(node, 1, 2), {from[0], from[1], from[3], from[4]},
                        {to[0], to[1], to[3], to[4]}, {kernel.at(1), kernel.at(2)})),
        in(from[2]),
        out(to[2]) {}

  bool is_flat() const {
    return depth.kernel[1] == 1 && depth.stride[1] == 1 && depth.padding[1] == 0 &&
           depth.padding[3] == 0;
  }
};

bool is_volume(const NetNode& node, const TraceBuilder& trace) {
  return trace.shape(node.inputs.at(0)).size() == 5 && trace.shape(node.outputs.at(0)).size() == 5;
}

/// Windows along the depth become channels of a convolution of slices.
void emit_volume_convolution(const NetNode& node, const Shape& weights, TraceBuilder& trace) {
  const VolumeWindows windows(node, trace.shape(node.inputs[0]), trace.shape(node.outputs[0]),
                              kernel_of(weights));
  std::string x = trace.volume(node.inputs[0]).tensor;
  const std::int64_t groups = node.integer("group", 1);
  if (!windows.is_flat()) {
    x = trace.add("depth_windows", node.name + ".depth", {x},
                  {{"depth", {windows.in}},
                   {"taps", {windows.depth.kernel[1]}},
                   {"stride", {windows.depth.stride[1]}},
                   {"dilation", {windows.depth.dilation[1]}},
                   {"before", {windows.depth.padding[1]}},
                   {"after", {windows.depth.padding[3]}},
                   {"groups", {groups}}});
  }
  RawAttributes attributes = attributes_of(windows.slice, true);
  attributes["out_channels"] = {weights[0]};
  attributes["groups"] = {groups};
  attributes["bias"] = {has_bias(node)};
  attributes["slices"] = {windows.out};
  trace.set_image(node.outputs[0], trace.add("conv2d", node.name, {x}, std::move(attributes)));
  trace.bind("weight", {node.inputs[1]}, [weights](const Numbers& n) {
    return permuted(n[0], weights, {3, 4, 2, 1, 0});
  });
  if (has_bias(node) == 1) {
    trace.bind("bias", {node.inputs[2]}, [](const Numbers& n) { return n[0]; });
  }
}

/// Maxima and means of a window are those along the depth, then within slices.
void emit_volume_pool(const NetNode& node, const std::vector<std::int64_t>& kernel,
                      const RawAttributes& more, TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs[0]);
  const VolumeWindows windows(node, in, trace.shape(node.outputs[0]), kernel);
  const std::vector<std::int64_t> ones{1, 1};
  if (windows.depth.dilation != ones || windows.slice.dilation != ones) {
    throw InputError("a dilated pooling");
  }
  const std::string op = node.op == "MaxPool" ? "max_pool" : "average_pool";
  std::string x = trace.volume(node.inputs[0]).tensor;
  if (!windows.is_flat()) {
    x = trace.add("reshape", node.name + ".lines", {x}, {{"shape", {in[1], in[2], in[3] * in[4]}}});
    RawAttributes along = more;
    along["kernel"] = {windows.depth.kernel[1], 1};
    along["stride"] = {windows.depth.stride[1], 1};
    along["padding"] = {windows.depth.padding[1], 0, windows.depth.padding[3], 0};
    x = trace.add(op, node.name + ".depth", {x}, std::move(along));
    x = trace.add("reshape", node.name + ".slices", {x},
                  {{"shape", {in[1], windows.out * in[3], in[4]}}});
  }
  RawAttributes attributes = attributes_of(windows.slice, false);
  attributes.insert(more.begin(), more.end());
  attributes["slices"] = {windows.out};
  trace.set_image(node.outputs[0], trace.add(op, node.name, {x}, std::move(attributes)));
}

/// A stated shape leaves the padding open: the larger half lies in front.
std::vector<std::int64_t> pads_of_stated_shape(const NetNode& node, const Shape& in,
                                               const Shape& out, const Shape& weights) {
  const std::size_t axes = in.size() - 2;
  const auto strides = list_of(node, "strides", axes, 1);
  const auto dilations = list_of(node, "dilations", axes, 1);
  const auto added = list_of(node, "output_padding", axes, 0);
  std::vector<std::int64_t> pads(2 * axes, 0);
  for (std::size_t i = 0; i < axes && i + 2 < weights.size(); ++i) {
    const std::int64_t whole = exact_mul(in[i + 2] - 1, strides[i]) + added[i] +
                               exact_mul(weights[i + 2] - 1, dilations[i]) + 1 - out[i + 2];
    if (whole > 0) pads[i] = whole - whole / 2;
  }
  return pads;
}

}  // namespace

void lower_convolution(const NetNode& node, TraceBuilder& trace) {
  const Shape& weights = weights_of(node, trace);
  check_weights(node, weights, trace);
  if (is_volume(node, trace) && weights.size() == 5) {
    return emit_volume_convolution(node, weights, trace);
  }
  const WindowAttributes window = window_of(node, trace.shape(node.inputs[0]),
                                            trace.shape(node.outputs[0]), kernel_of(weights));
  RawAttributes attributes = attributes_of(window, true);
  attributes["out_channels"] = {weights[0]};
  attributes["groups"] = {node.integer("group", 1)};
  attributes["bias"] = {has_bias(node)};
  emit_image("conv2d", node, std::move(attributes), trace);
  bind_kernel(node, trace);
}

void lower_transposed_convolution(const NetNode& node, TraceBuilder& trace) {
  const Shape& weights = weights_of(node, trace);
  const Shape& out = trace.shape(node.outputs[0]);
  NetNode mirror = node;
  const bool same = node.text("auto_pad", "NOTSET").starts_with("SAME");
  if (!same && node.integers.contains("output_shape")) {
    mirror.texts.erase("auto_pad");
    mirror.integers["pads"] = pads_of_stated_shape(node, trace.shape(node.inputs[0]), out, weights);
  }
  const WindowAttributes window =
      window_of(mirror, out, trace.shape(node.inputs[0]), kernel_of(weights));
  RawAttributes attributes = attributes_of(window, true);
  const std::int64_t groups = node.integer("group", 1);
  attributes["out_channels"] = {exact_mul(weights[1], groups)};
  attributes["groups"] = {groups};
  attributes["bias"] = {has_bias(node)};
  attributes["output_size"] = {out.size() == 4 ? out[2] : 1, out.back()};
  emit_image("conv_transpose2d", node, std::move(attributes), trace);
  bind_kernel(node, trace);
}

void lower_pool(const NetNode& node, TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs[0]);
  const auto kernel = node.integers.find("kernel_shape");
  if (kernel == node.integers.end() || in.size() != kernel->second.size() + 2) {
    throw InputError("has no kernel that fits its input");
  }
  if (is_volume(node, trace) && node.op != "LpPool") {
    const bool excludes = node.op == "AveragePool" && node.integer("count_include_pad", 0) == 0;
    const RawAttributes more = excludes ? RawAttributes{{"count_padding", {0}}} : RawAttributes{};
    return emit_volume_pool(node, kernel->second, more, trace);
  }
  const WindowAttributes window = window_of(node, in, trace.shape(node.outputs[0]), kernel->second);
  if (window.dilation != std::vector<std::int64_t>{1, 1}) throw InputError("a dilated pooling");
  RawAttributes attributes = attributes_of(window, false);
  const bool padded = std::any_of(window.padding.begin(), window.padding.end(),
                                  [](std::int64_t positions) { return positions > 0; });
  if (node.op == "AveragePool" && padded && node.integer("count_include_pad", 0) == 0) {
    attributes["count_padding"] = {0};
  }
  emit_image(node.op == "MaxPool" ? "max_pool" : "average_pool", node, std::move(attributes),
             trace);
  if (node.op == "LpPool") trace.stand_in();
}

void lower_global_pool(const NetNode& node, TraceBuilder& trace) {
  if (trace.shape(node.inputs[0]).size() > 4) return lower_reduction(node, trace);
  if (node.op == "GlobalAveragePool") {
    emit_image("global_average_pool", node, {}, trace);
  } else {
    const std::int64_t channels = trace.shape(node.inputs[0]).at(1);
    const Shape& in = trace.shape(node.inputs[0]);
    const std::int64_t pixels = product(in) / in[0] / channels;
    emit_image(node.op == "GlobalMaxPool" ? "reduce_max" : "reduce_l2", node,
               {{"shape", {channels, 1, 1}}, {"factors", {pixels, channels}}, {"reduced", {0}}},
               trace);
    if (node.op == "GlobalLpPool" && node.integer("p", 2) != 2) trace.stand_in();
  }
}

void lower_batch_norm(const NetNode& node, TraceBuilder& trace) {
  if (trace.shape(node.inputs[0]).size() > 5) throw InputError("normalises more than 5 axes");
  if (trace.shape(node.inputs[0]).size() == 2) {
    const TensorLayout from = trace.matrix(node.inputs[0]);
    trace.set_same(node.outputs[0], from, trace.add("batch_norm", node.name, {from.tensor}));
  } else {
    emit_image("batch_norm", node, {}, trace);
  }
  if (node.integer("training_mode", 0) != 0) trace.note_inexact(node);  // its own batch's moments
  bind_channels(node, trace);
  trace.bind("running", {node.inputs.at(3), node.inputs.at(4)}, [](const Numbers& n) {
    std::vector<float> both = n[0];
    both.insert(both.end(), n[1].begin(), n[1].end());
    return both;
  });
}

void lower_instance_norm(const NetNode& node, TraceBuilder& trace) {
  const std::int64_t channels = trace.shape(node.inputs[0]).at(1);
  emit_image("group_norm", node, {{"groups", {node.integer("num_groups", channels)}}}, trace);
  bind_channels(node, trace);
  // Before opset 21 its scale and shift are those of groups.
  if (product(trace.shape(node.inputs.at(1))) != channels) trace.note_inexact(node);
}

/// Squares, a sum over `size` channels, a power and a product.
void lower_response_norm(const NetNode& node, TraceBuilder& trace) {
  const TensorLayout from = trace.image(node.inputs[0]);
  std::string squares = trace.add("square", node.name + ".square", {from.tensor});
  for (std::int64_t i = 1; i < node.integer("size", 1); ++i) {
    squares = trace.add("shift", node.name + ".sum", {squares});
  }
  const std::string power = trace.add("power", node.name + ".power", {squares});
  trace.set_image(node.outputs[0], trace.add("multiply", node.name, {from.tensor, power}));
}

}  // namespace mxsim
