#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "models/workload/kinds/axis_map.h"
#include "models/workload/kinds/copy_step.h"
#include "models/workload/kinds/kind_table.h"
#include "models/workload/kinds/kinds.h"
#include "models/workload/kinds/output_shape.h"

namespace mxsim {
namespace {

/// How the extents of the output relate to those of the input.
enum class Extents : std::uint8_t { kSmaller, kLarger, kAny };

/// Maps of the axes without the batch; nothing where a trace does not state places.
using Maps = std::optional<std::vector<AxisMap>>;

struct MoveRow {
  std::string_view op;
  Extents extents;
  Maps (*maps)(const ShapedLayer& layer);
  std::vector<AttributeSpec> attributes = {};
};

std::int64_t input_extent(const ShapedLayer& layer, std::size_t axis) {
  return layer.input_shapes[0][axis + 1];
}
std::int64_t output_extent(const ShapedLayer& layer, std::size_t axis) {
  return layer.output_shapes[0][axis + 1];
}
std::size_t axes_of(const ShapedLayer& layer) { return layer.output_shapes[0].size() - 1; }

/// A list with a number for each axis, or nothing.
const std::vector<std::int64_t>* stated(const ShapedLayer& layer, std::string_view name) {
  const std::vector<std::int64_t>& list = layer.attributes.list(name);
  const bool absent = list.size() == 1 && list[0] == kUnstated;
  if (absent || list.size() != axes_of(layer)) return nullptr;
  return &list;
}

bool lies_inside(const AxisMap& map, std::int64_t extent) {
  return std::all_of(map.begin(), map.end(), [&](const std::vector<AxisTap>& taps) {
    return std::all_of(taps.begin(), taps.end(),
                       [&](const AxisTap& tap) { return tap.place >= 0 && tap.place < extent; });
  });
}

Maps slice_maps(const ShapedLayer& layer) {
  const auto* starts = stated(layer, "starts");
  if (starts == nullptr) return {};
  const auto* steps = stated(layer, "steps");
  std::vector<AxisMap> maps;
  for (std::size_t axis = 0; axis < axes_of(layer); ++axis) {
    maps.push_back(strided_axis(output_extent(layer, axis), (*starts)[axis],
                                steps == nullptr ? 1 : (*steps)[axis]));
  }
  return maps;
}

/// Place of the input for a place of the padded axis; nothing: the constant.
std::optional<std::int64_t> padded_place(std::int64_t at, std::int64_t extent, std::int64_t mode) {
  if (at >= 0 && at < extent) return at;
  if (mode == 0) return std::nullopt;
  if (mode == 2) return std::clamp<std::int64_t>(at, 0, extent - 1);
  if (mode == 3) return (at % extent + extent) % extent;
  const std::int64_t period = std::max<std::int64_t>(1, 2 * (extent - 1));
  const std::int64_t within = (at % period + period) % period;
  return within < extent ? within : period - within;
}

Maps pad_maps(const ShapedLayer& layer) {
  const auto* before = stated(layer, "before");
  if (before == nullptr) return {};
  std::vector<AxisMap> maps;
  for (std::size_t axis = 0; axis < axes_of(layer); ++axis) {
    AxisMap& map = maps.emplace_back();
    for (std::int64_t i = 0; i < output_extent(layer, axis); ++i) {
      const auto place = padded_place(i - (*before)[axis], input_extent(layer, axis),
                                      layer.attributes.scalar("mode"));
      map.emplace_back();
      if (place) map.back().push_back({*place, 1.0});
    }
  }
  return maps;
}

/// Places modulo the input's extents; an extent of one is repeated.
Maps repeated_maps(const ShapedLayer& layer) {
  if (layer.input_shapes[0].size() != layer.output_shapes[0].size()) return {};
  std::vector<AxisMap> maps;
  for (std::size_t axis = 0; axis < axes_of(layer); ++axis) {
    AxisMap& map = maps.emplace_back();
    for (std::int64_t i = 0; i < output_extent(layer, axis); ++i) {
      map.push_back({{i % input_extent(layer, axis), 1.0}});
    }
  }
  return maps;
}

Maps gather_maps(const ShapedLayer& layer) {
  const std::vector<std::int64_t>& places = layer.attributes.list("places");
  const std::int64_t along = layer.attributes.scalar("axis");
  const bool same_rank = layer.input_shapes[0].size() == layer.output_shapes[0].size();
  if (along == 0 || !same_rank || static_cast<std::size_t>(along) > axes_of(layer)) return {};
  std::vector<AxisMap> maps;
  for (std::size_t axis = 0; axis < axes_of(layer); ++axis) {
    AxisMap map = strided_axis(output_extent(layer, axis));
    if (axis + 1 == static_cast<std::size_t>(along)) {
      if (places.size() != map.size()) return {};
      for (std::size_t i = 0; i < places.size(); ++i) map[i] = {{places[i], 1.0}};
    } else if (output_extent(layer, axis) != input_extent(layer, axis)) {
      return {};
    }
    maps.push_back(std::move(map));
  }
  return maps;
}

Maps roll_maps(const ShapedLayer& layer) {
  const auto* shifts = stated(layer, "shifts");
  if (shifts == nullptr || layer.input_shapes[0] != layer.output_shapes[0]) return {};
  std::vector<AxisMap> maps;
  for (std::size_t axis = 0; axis < axes_of(layer); ++axis) {
    const std::int64_t extent = output_extent(layer, axis);
    AxisMap& map = maps.emplace_back();
    for (std::int64_t i = 0; i < extent; ++i) {
      map.push_back({{((i - (*shifts)[axis]) % extent + extent) % extent, 1.0}});
    }
  }
  return maps;
}

AttributeSpec axis_list(std::string_view name, std::string_view meaning) {
  return {name, AttributeForm::kList, kUnstated, kUnstated, kLargestExtent, meaning};
}

/// Elements that go to other places; none is computed. Every element of the input is streamed past
/// and every element of the output is written. Without the places that a trace may state, a layer
/// has no values.
///   slice    a part of some axes (with steps)    pad     constants or other elements around
///   expand   extents of one, repeated            tile    the whole, repeated
///   gather   by a constant list of places        roll    along axes, turning round
const std::vector<MoveRow>& move_rows() {
  static const std::vector<MoveRow> kRows{
      {"slice",
       Extents::kSmaller,
       slice_maps,
       {axis_list("starts", "first place along each axis; -2^32: not stated"),
        axis_list("steps", "places from one element to the next; -2^32: 1")}},
      {"pad",
       Extents::kLarger,
       pad_maps,
       {axis_list("before", "places before the first along each axis; -2^32: not stated"),
        {"mode", AttributeForm::kScalar, 0, 0, 3, "0 a constant, 1 mirrored, 2 edge, 3 wrapped"}}},
      {"expand", Extents::kLarger, repeated_maps},
      {"tile", Extents::kLarger, repeated_maps},
      {"gather",
       Extents::kAny,
       gather_maps,
       {{"axis", AttributeForm::kScalar, 0, 0, 7, "axis, 0: not stated"},
        {"places", AttributeForm::kList, 0, 0, kLargestExtent, "along the axis"}}},
      {"roll",
       Extents::kAny,
       roll_maps,
       {axis_list("shifts", "places along each axis; -2^32: not stated")}},
  };
  return kRows;
}

class Move : public LayerKind {
 public:
  explicit Move(const MoveRow& row) : row_(row), attributes_(row.attributes) {
    attributes_.insert(attributes_.begin(), kOutputShape.begin(), kOutputShape.end());
  }
  std::string_view op() const override { return row_.op; }
  std::span<const AttributeSpec> attributes() const override { return attributes_; }
  std::span<const ConstantSpec> constants() const override {
    static constexpr std::array<ConstantSpec, 1> kSpecs{{{"value", 0.0, "that pads"}}};
    if (row_.op == "pad") return kSpecs;
    return {};
  }

  std::vector<Shape> infer(const ShapedLayer& layer, LayerFaults& faults) const override {
    const Shape& input = layer.input_shapes[0];
    Shape output = output_shape(layer);
    bool fits = row_.extents == Extents::kAny || output.size() == input.size();
    for (std::size_t i = 0; fits && i < output.size() && row_.extents != Extents::kAny; ++i) {
      fits = row_.extents == Extents::kSmaller ? output[i] <= input[i] : output[i] >= input[i];
    }
    if (!fits) {
      faults.add("/attributes/shape", to_string(output) + " is no " + std::string(row_.op) +
                                          " of the input " + to_string(input));
    }
    return {output};
  }

  void forward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const Maps maps = whole_maps(layer);
    emit_copy_forward(maps ? mapped(dram_order(*maps), dram_order(layer.input_shapes[0]),
                                    layer.constants.value_or("value", 0.0))
                           : StepFunction{},
                      steps);
  }

  void backward(const ShapedLayer& layer, StepBuilder& steps) const override {
    const Maps maps = whole_maps(layer);
    StepFunction function;
    if (maps) {
      std::vector<AxisMap> back;
      for (std::size_t axis = 0; axis < maps->size(); ++axis) {
        back.push_back(gradient_map((*maps)[axis], layer.input_shapes[0][axis]));
      }
      function = mapped(dram_order(back), dram_order(layer.output_shapes[0]), 0.0);
    }
    emit_copy_backward(std::move(function), steps);
  }

 private:
  /// With the batch; nothing where a place lies outside the input.
  Maps whole_maps(const ShapedLayer& layer) const {
    Maps maps = row_.maps(layer);
    if (!maps) return {};
    for (std::size_t axis = 0; axis < maps->size(); ++axis) {
      if (!lies_inside((*maps)[axis], input_extent(layer, axis))) return {};
    }
    maps->insert(maps->begin(), strided_axis(layer.input_shapes[0][0]));
    return maps;
  }

  const MoveRow& row_;
  std::vector<AttributeSpec> attributes_;
};

}  // namespace

std::span<const LayerKind* const> move_kinds() { return kinds_of<Move>(move_rows()); }

}  // namespace mxsim
