#include "sim/import/lowering/moved_places.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace mxsim {
namespace {

using Numbers = std::vector<std::int64_t>;

/// An input, or the attribute of older operators; nothing where the input depends on data.
std::optional<Numbers> numbers_of(const NetNode& node, const TraceBuilder& trace, std::size_t input,
                                  const char* attribute) {
  if (input < node.inputs.size() && node.inputs[input] >= 0) {
    const auto& values = trace.tensor(node.inputs[input]).values;
    if (!values) return std::nullopt;
    Numbers numbers;
    for (const long double value : values->numbers) numbers.push_back(std::llroundl(value));
    return numbers;
  }
  const auto found = node.integers.find(attribute);
  return found == node.integers.end() ? Numbers{} : found->second;
}

MovedPlaces unmoved(std::size_t rank) { return {Numbers(rank, 0), Numbers(rank, 1), 0, 0}; }

std::optional<MovedPlaces> sliced(const NetNode& node, const TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs[0]);
  const auto starts = numbers_of(node, trace, 1, "starts");
  auto axes = numbers_of(node, trace, 3, "axes");
  const auto steps = numbers_of(node, trace, 4, "steps");
  if (!starts || !axes || !steps) return std::nullopt;
  if (axes->empty()) {
    for (std::size_t axis = 0; axis < starts->size(); ++axis) {
      axes->push_back(static_cast<std::int64_t>(axis));
    }
  }
  MovedPlaces places = unmoved(in.size());
  for (std::size_t i = 0; i < starts->size() && i < axes->size(); ++i) {
    const std::size_t axis = axis_of((*axes)[i], in.size());
    const std::int64_t step = i < steps->size() ? (*steps)[i] : 1;
    std::int64_t start = (*starts)[i] < 0 ? (*starts)[i] + in[axis] : (*starts)[i];
    start = std::clamp<std::int64_t>(start, 0, step < 0 ? in[axis] - 1 : in[axis]);
    places.starts[axis] = start;
    places.steps[axis] = step;
  }
  return places;
}

std::optional<MovedPlaces> padded(const NetNode& node, const TraceBuilder& trace) {
  const std::size_t rank = trace.shape(node.inputs[0]).size();
  const auto pads = numbers_of(node, trace, 1, "pads");
  if (!pads || pads->size() != 2 * rank) return std::nullopt;
  MovedPlaces places = unmoved(rank);
  for (std::size_t axis = 0; axis < rank; ++axis) places.starts[axis] = -(*pads)[axis];
  const std::string mode = node.text("mode", "constant");
  places.mode = mode == "reflect" ? 1 : mode == "edge" ? 2 : mode == "wrap" ? 3 : 0;
  if (const auto value = node.numbers.find("value"); value != node.numbers.end()) {
    places.value = value->second;
  }
  if (node.inputs.size() > 2 && node.inputs[2] >= 0) {
    const auto& values = trace.tensor(node.inputs[2]).values;
    if (!values || values->numbers.empty()) return std::nullopt;
    places.value = static_cast<double>(values->numbers.front());
  }
  return places;
}

/// A list of places in equal steps.
std::optional<MovedPlaces> gathered(const NetNode& node, const TraceBuilder& trace) {
  const Shape& in = trace.shape(node.inputs[0]);
  const std::size_t axis = axis_of(node.integer("axis", 0), in.size());
  auto list = numbers_of(node, trace, 1, "");
  if (!list || list->empty() || trace.shape(node.inputs[1]).size() != 1) return std::nullopt;
  for (std::int64_t& place : *list) place += place < 0 ? in[axis] : 0;
  MovedPlaces places = unmoved(in.size());
  places.starts[axis] = list->front();
  if (list->size() > 1) places.steps[axis] = (*list)[1] - (*list)[0];
  for (std::size_t i = 1; i < list->size(); ++i) {
    if ((*list)[i] - (*list)[i - 1] != places.steps[axis]) return std::nullopt;
  }
  return places;
}

}  // namespace

std::optional<MovedPlaces> moved_places(const NetNode& node, const TraceBuilder& trace) {
  if (node.op == "Slice") return sliced(node, trace);
  if (node.op == "Pad") return padded(node, trace);
  if (node.op == "Gather") return gathered(node, trace);
  return std::nullopt;
}

RawAttributes resize_attributes(const NetNode& node, const std::vector<std::int64_t>& shape,
                                std::int64_t taps) {
  RawAttributes attributes{{"shape", shape}, {"taps", {taps}}};
  const bool old = node.op == "Upsample" || node.version < 11;
  const std::string coordinates =
      old ? "asymmetric" : node.text("coordinate_transformation_mode", "half_pixel");
  const std::string rounding = old ? "floor" : node.text("nearest_mode", "round_prefer_floor");
  const auto place = [](const std::string& name, std::initializer_list<const char*> names) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::int64_t{-1} : std::int64_t{found - names.begin()};
  };
  const std::int64_t where =
      place(coordinates, {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"});
  if (where < 0) return attributes;
  const std::string mode = node.text("mode", "nearest");
  attributes["mode"] = {mode == "cubic" ? 3 : mode.find("linear") != std::string::npos ? 2 : 1};
  attributes["coordinates"] = {where};
  attributes["nearest"] = {std::max<std::int64_t>(
      0, place(rounding, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}))};
  attributes["exclude_outside"] = {node.integer("exclude_outside", 0)};
  return attributes;
}

void state_scales(const NetNode& node, bool image, TraceBuilder& trace) {
  if (const auto cubic = node.numbers.find("cubic_coeff_a"); cubic != node.numbers.end()) {
    trace.state("cubic", cubic->second);
  }
  const std::size_t rank = trace.shape(node.inputs[0]).size();
  const std::size_t input = node.op == "Upsample" || node.version < 11 ? 1 : 2;
  if (input >= node.inputs.size() || node.inputs[input] < 0) return;
  const auto& scales = trace.tensor(node.inputs[input]).values;
  if (!scales || scales->numbers.size() != rank) return;
  for (std::size_t axis = image ? 1 : 0; axis < rank; ++axis) {
    std::size_t at = axis;
    if (!image) at = axis + 1 + (rank == 3 ? 1 : 0);
    if (image && rank == 3 && axis == 2) at = 3;
    if (at < 1 || at > 5) return trace.stand_in();
    trace.state(fmt::format("scale_{}", at), static_cast<double>(scales->numbers[axis]));
  }
}

}  // namespace mxsim
