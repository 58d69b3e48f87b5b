#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "models/core/error.h"
#include "sim/import/lowering/lowerings.h"
#include "sim/import/lowering/moved_places.h"

namespace mxsim {
namespace {

/// Extents of a tensor without the batch, and never three (an image's).
Shape trace_extents(int id, const TraceBuilder& trace) {
  Shape extents = trace.shape(id);
  if (!extents.empty() && trace.batch() > 1 && extents[0] % trace.batch() == 0) {
    extents[0] /= trace.batch();
  }
  if (extents.empty()) extents = {1};
  if (extents.size() == 3) extents.insert(extents.begin(), 1);
  return extents;
}

/// Axis of a tensor in the trace's tensor of trace_extents, which counts the batch.
std::int64_t trace_axis(std::size_t axis, std::size_t rank) {
  return static_cast<std::int64_t>(axis + 1 + (rank == 3 ? 1 : 0));
}

/// Axis of an image in the trace: channels, height, width of the axes 1 on.
std::int64_t image_axis(std::size_t axis, std::size_t rank) {
  return static_cast<std::int64_t>(axis == 1 || rank == 4 ? axis : axis + 1);
}

bool keeps_image(const NetNode& node, const TraceBuilder& trace) {
  const TensorLayout& from = trace.layout(node.inputs[0]);
  const Shape& out = trace.shape(node.outputs[0]);
  return is_image(from) && out.size() == from.axes.size() && out.size() >= 3 &&
         trace.shape(node.inputs[0])[0] == out[0];
}

Shape image_shape(const Shape& extents) {
  return {extents[1], extents.size() == 4 ? extents[2] : 1, extents.back()};
}

/// Numbers for each axis of the file's tensor, as the trace's attributes have them.
std::vector<std::int64_t> trace_numbers(const std::vector<std::int64_t>& each, bool image,
                                        std::int64_t none) {
  if (image) return {each[1], each.size() == 4 ? each[2] : none, each.back()};
  std::vector<std::int64_t> numbers = each;
  if (numbers.size() == 3) numbers.insert(numbers.begin(), none);
  return numbers;
}

/// The axis and the constant list of places that a Gather takes along it.
RawAttributes list_attributes(const NetNode& node, bool image, const TraceBuilder& trace) {
  const auto& values = trace.tensor(node.inputs.at(1)).values;
  if (!values || values->numbers.empty() || trace.shape(node.inputs[1]).size() != 1) return {};
  const Shape& in = trace.shape(node.inputs[0]);
  const std::size_t axis = axis_of(node.integer("axis", 0), in.size());
  if (axis == 0 && trace.batch() > 1) return {};
  std::vector<std::int64_t> places;
  for (const long double value : values->numbers) {
    const auto place = static_cast<std::int64_t>(value);
    places.push_back(place < 0 ? place + in[axis] : place);
  }
  return {{"axis", {image ? image_axis(axis, in.size()) : trace_axis(axis, in.size())}},
          {"places", places}};
}

void emit_move(const std::string& op, const NetNode& node, TraceBuilder& trace) {
  const std::optional<MovedPlaces> places = moved_places(node, trace);
  RawAttributes attributes;
  const bool image = keeps_image(node, trace);
  if (places && op == "slice") {
    attributes["starts"] = trace_numbers(places->starts, image, 0);
    attributes["steps"] = trace_numbers(places->steps, image, 1);
  } else if (places && op == "pad") {
    std::vector<std::int64_t> before = places->starts;
    for (std::int64_t& place : before) place = -place;
    attributes["before"] = trace_numbers(before, image, 0);
    attributes["mode"] = {places->mode};
  } else if (op == "gather" && node.op == "Gather") {
    attributes = list_attributes(node, image, trace);
  }
  if (image) {
    attributes["shape"] = image_shape(trace.shape(node.outputs[0]));
    const TensorLayout from = trace.image(node.inputs[0]);
    trace.set_image(node.outputs[0], trace.add(op, node.name, {from.tensor}, attributes));
  } else {
    const TensorLayout from = trace.natural(node.inputs[0]);
    const Shape shape = trace_extents(node.outputs[0], trace);
    const bool same_rank = from.shape.size() == shape.size();
    if (!same_rank) attributes.clear();
    attributes["shape"] = shape;
    trace.set_plain(node.outputs[0],
                    trace.add(same_rank ? op : "gather", node.name, {from.tensor}, attributes),
                    shape);
  }
  if (places && op == "pad") trace.state("value", places->value);
}

/// Whether every element stays where it is: shapes alone do not tell, as a slice may turn an axis
/// round and padding may add at one end what it cuts at the other.
bool moves_nothing(const NetNode& node, const TraceBuilder& trace) {
  if (trace.shape(node.inputs[0]) != trace.shape(node.outputs[0])) return false;
  if (node.op == "Expand" || node.op == "Tile") return true;
  const std::optional<MovedPlaces> places = moved_places(node, trace);
  if (!places) return false;
  const Shape& extents = trace.shape(node.outputs[0]);
  for (std::size_t axis = 0; axis < extents.size(); ++axis) {
    const bool steps = places->steps[axis] != 1 && extents[axis] > 1;
    if (places->starts[axis] != 0 || steps) return false;
  }
  return true;
}

/// Padding may cut elements too: then it is a slice, or a copy whose places no layer states.
std::string padding_op(const Shape& in, const Shape& out) {
  bool larger = true;
  bool smaller = true;
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    larger = larger && out[axis] >= in[axis];
    smaller = smaller && out[axis] <= in[axis];
  }
  return larger ? "pad" : smaller ? "slice" : "gather";
}

/// One learned row before the rows of every batch element.
bool is_class_token(const NetNode& node, std::size_t axis, const TraceBuilder& trace) {
  if (axis != 1 || node.inputs.size() != 2 || !trace.is_constant(node.inputs[0])) return false;
  const Shape& token = trace.shape(node.inputs[0]);
  return token.size() == 3 && token[1] == 1 && trace.layout(node.inputs[1]).extent(0) == 1 &&
         !trace.tensor(node.inputs[0]).whole;
}

void emit_class_token(const NetNode& node, TraceBuilder& trace) {
  const TensorLayout& from = trace.layout(node.inputs[1]);
  const Shape rows{from.extent(1), from.extent(2)};
  const TensorLayout tokens = trace.arranged(from, all_axes(from), rows, false, node.name);
  trace.set_plain(node.outputs[0], trace.add("class_token", node.name, {tokens.tensor}),
                  {rows[0] + 1, rows[1]});
  trace.bind("weight", {node.inputs[0]},
             [](const std::vector<std::vector<float>>& n) { return n[0]; });
}

}  // namespace

void lower_reshape(const NetNode& node, TraceBuilder& trace) {
  const TensorLayout& from = trace.layout(node.inputs.at(0));
  const Shape& extents = trace.shape(node.outputs[0]);
  if (auto result = reshaped(from, extents, trace.batch())) {
    trace.set_layout(node.outputs[0], *result);
    return;
  }
  const TensorLayout plain = trace.natural(node.inputs[0]);
  const Shape shape = trace_extents(node.outputs[0], trace);
  trace.set_plain(node.outputs[0],
                  trace.add("reshape", node.name, {plain.tensor}, {{"shape", shape}}), shape);
}

void lower_transpose(const NetNode& node, TraceBuilder& trace) {
  const TensorLayout from = trace.layout(node.inputs.at(0));
  TensorLayout result = from;
  const auto given = node.integers.find("perm");
  for (std::size_t i = 0; i < from.axes.size(); ++i) {
    const std::size_t source = given == node.integers.end()
                                   ? from.axes.size() - 1 - i
                                   : axis_of(given->second.at(i), from.axes.size());
    result.axes[i] = from.axes[source];
  }
  trace.set_layout(node.outputs[0], std::move(result));
}

void lower_concat(const NetNode& node, TraceBuilder& trace) {
  const Shape& out = trace.shape(node.outputs[0]);
  const std::size_t axis = axis_of(node.integer("axis", 0), out.size());
  std::vector<int> parts;
  for (const int id : node.inputs) {
    if (product(trace.shape(id)) == 0) continue;
    if (trace.is_constant(id)) {
      // What a constant adds (a class token, a mask's border) is written, not read.
      NetNode padded = node;
      padded.inputs = {};
      for (const int each : node.inputs) {
        if (!trace.is_constant(each)) padded.inputs.push_back(each);
      }
      if (padded.inputs.size() != 1) throw InputError("joins constants to several tensors");
      if (is_class_token(node, axis, trace)) return emit_class_token(node, trace);
      return emit_move("pad", padded, trace);
    }
    parts.push_back(id);
  }
  if (axis == 0 && trace.batch() > 1) throw InputError("joins along the batch");
  const bool images =
      out.size() >= 3 && out.size() <= 4 && axis > 0 &&
      std::all_of(parts.begin(), parts.end(), [&](int id) { return is_image(trace.layout(id)); });
  std::vector<std::string> names;
  for (const int id : parts) {
    names.push_back(images ? trace.image(id).tensor : trace.natural(id).tensor);
  }
  const std::int64_t at = images ? image_axis(axis, out.size()) : trace_axis(axis, out.size());
  const std::string joined = trace.add("concat", node.name, names, {{"axis", {at}}});
  if (images) {
    trace.set_image(node.outputs[0], joined);
  } else {
    trace.set_plain(node.outputs[0], joined, trace_extents(node.outputs[0], trace));
  }
}

void lower_split(const NetNode& node, TraceBuilder& trace) {
  const int input = node.inputs.at(0);
  const std::size_t rank = trace.shape(input).size();
  const std::size_t axis = axis_of(node.integer("axis", 0), rank);
  if (axis == 0 && trace.batch() > 1) throw InputError("cuts the batch");
  std::vector<std::int64_t> sizes;
  for (const int id : node.outputs) sizes.push_back(trace.shape(id)[axis]);
  const bool images = is_image(trace.layout(input)) && axis > 0;
  const TensorLayout from = images ? trace.image(input) : trace.natural(input);
  const std::int64_t at = images ? image_axis(axis, rank) : trace_axis(axis, rank);
  const std::vector<std::string> parts = trace.add_parts(
      "split", node.name, from.tensor, sizes.size(), {{"axis", {at}}, {"sizes", sizes}});
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (images) {
      trace.set_image(node.outputs[i], parts[i]);
    } else {
      trace.set_plain(node.outputs[i], parts[i], trace_extents(node.outputs[i], trace));
    }
  }
}

void lower_move(const NetNode& node, TraceBuilder& trace) {
  if (moves_nothing(node, trace)) return lower_identity(node, trace);
  const Shape& in = trace.shape(node.inputs.at(0));
  const Shape& out = trace.shape(node.outputs[0]);
  if (product(out) == 0) throw InputError("its result has no elements");
  const std::string op = node.op == "Slice"    ? "slice"
                         : node.op == "Pad"    ? padding_op(in, out)
                         : node.op == "Expand" ? "expand"
                         : node.op == "Tile"   ? "tile"
                                               : "gather";
  emit_move(op, node, trace);
}

void lower_gather(const NetNode& node, TraceBuilder& trace) {
  const int data = node.inputs.at(0);
  const int places = node.inputs.at(1);
  if (trace.is_constant(data) && !trace.is_constant(places)) {
    const Shape& table = trace.shape(data);
    if (axis_of(node.integer("axis", 0), table.size()) != 0) {
      throw InputError("looks up a constant along an inner axis");
    }
    const TensorLayout numbers = trace.natural(places);
    const std::int64_t count = product(numbers.shape);
    const TensorLayout row = trace.arranged(numbers, all_axes(numbers), {count}, false, node.name);
    const std::int64_t features = product(table) / table[0];
    const std::string found = trace.add("embedding", node.name, {row.tensor},
                                        {{"entries", {table[0]}}, {"features", {features}}});
    trace.bind("weight", {data}, [](const std::vector<std::vector<float>>& n) { return n[0]; });
    trace.set_plain(node.outputs[0], found, {count, features});
    return;
  }
  if (trace.is_constant(data)) throw InputError("its table is unknown");
  const std::optional<MovedPlaces> moved = moved_places(node, trace);
  const bool smaller = product(trace.shape(node.outputs[0])) <= product(trace.shape(data));
  emit_move(moved && smaller ? "slice" : "gather", node, trace);
}

/// Every index of an axis a tensor of its own, cut where the elements lie.
void lower_unstack(const NetNode& node, TraceBuilder& trace) {
  const int input = node.inputs.at(0);
  const TensorLayout from = simplified(trace.layout(input));
  const auto axis = static_cast<std::size_t>(node.integer("axis", 0));
  const std::int64_t count = trace.shape(input)[axis];
  const std::int64_t columns = from.columns();
  const bool one_factor = from.axes[axis].size() == 1 && from.axes[axis][0] != kBatchFactor;
  const auto place = static_cast<std::size_t>(one_factor ? from.axes[axis][0] : 0);
  std::int64_t inner = 1;
  for (std::size_t f = place + 1; f < from.factors.size(); ++f) inner *= from.factors[f];
  const bool in_columns = inner * count == columns;
  if (!one_factor || !(in_columns || inner % columns == 0)) {
    throw InputError("cuts an axis whose elements are spread");
  }
  const std::int64_t rows = product(from.factors) / columns;
  const Shape whole =
      in_columns ? Shape{rows, columns}
                 : Shape{rows / (inner / columns) / count, count, inner / columns, columns};
  const Shape part = in_columns ? Shape{rows, inner} : Shape{whole[0], 1, whole[2], columns};
  const std::string source =
      whole == from.shape && !from.image
          ? from.tensor
          : trace.add("reshape", node.name + ".reshape", {from.tensor}, {{"shape", whole}});
  const std::vector<std::int64_t> sizes(static_cast<std::size_t>(count), in_columns ? inner : 1);
  const std::vector<std::string> parts =
      trace.add_parts("split", node.name, source, sizes.size(), {{"axis", {2}}, {"sizes", sizes}});
  TensorLayout result = from;
  result.image = false;
  result.shape = part;
  result.factors.erase(result.factors.begin() + static_cast<std::ptrdiff_t>(place));
  result.axes.erase(result.axes.begin() + static_cast<std::ptrdiff_t>(axis));
  for (std::vector<int>& each : result.axes) {
    for (int& factor : each) factor -= factor > static_cast<int>(place) ? 1 : 0;
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (node.outputs[i] >= 0) trace.set_same(node.outputs[i], result, parts[i]);
  }
}

void lower_resize(const NetNode& node, TraceBuilder& trace) {
  const int input = node.inputs.at(0);
  const Shape& in = trace.shape(input);
  const Shape& out = trace.shape(node.outputs[0]);
  const std::string mode = node.text("mode", "nearest");
  const std::int64_t each = mode == "cubic" ? 4 : mode.find("linear") != mode.npos ? 2 : 1;
  std::int64_t taps = 1;
  for (std::size_t i = 0; i < in.size(); ++i) taps *= in[i] == out[i] ? 1 : each;
  if (in == out) return lower_identity(node, trace);
  const bool image = (in.size() == 3 || in.size() == 4) && in[0] == out[0];
  if (image) {
    const TensorLayout from = trace.image(input);
    trace.set_image(node.outputs[0], trace.add("resize", node.name, {from.tensor},
                                               resize_attributes(node, image_shape(out), taps)));
  } else {
    const TensorLayout from = trace.natural(input);
    const Shape shape = trace_extents(node.outputs[0], trace);
    trace.set_plain(
        node.outputs[0],
        trace.add("resize", node.name, {from.tensor}, resize_attributes(node, shape, taps)), shape);
  }
  state_scales(node, image, trace);
}

/// A reshape, a transposition and a reshape; elements move when an operator needs them elsewhere.
void lower_depth_to_space(const NetNode& node, TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs.at(0));
  const std::int64_t block = node.integer("blocksize", 1);
  const bool to_space = node.op == "DepthToSpace";
  const bool column_first = node.text("mode", "DCR") == "CRD";
  Shape cut;
  std::vector<std::size_t> order;
  if (to_space && column_first) {
    cut = {in[0], in[1] / (block * block), block, block, in[2], in[3]};
    order = {0, 1, 4, 2, 5, 3};
  } else if (to_space) {
    cut = {in[0], block, block, in[1] / (block * block), in[2], in[3]};
    order = {0, 3, 4, 1, 5, 2};
  } else {
    cut = {in[0], in[1], in[2] / block, block, in[3] / block, block};
    order = {0, 3, 5, 1, 2, 4};
  }
  const auto parts = reshaped(trace.layout(node.inputs[0]), cut, trace.batch());
  if (!parts) throw InputError("its blocks do not fit its input");
  TensorLayout transposed = *parts;
  for (std::size_t i = 0; i < order.size(); ++i) transposed.axes[i] = parts->axes[order[i]];
  const auto joined = reshaped(transposed, trace.shape(node.outputs[0]), trace.batch());
  if (!joined) throw InputError("its blocks do not fit its result");
  trace.set_layout(node.outputs[0], *joined);
}

}  // namespace mxsim
