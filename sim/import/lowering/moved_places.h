#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/workload/graph.h"
#include "sim/import/lowering/lowerings.h"
#include "sim/import/lowering/trace_builder.h"

namespace mxsim {

/// Which place of the input every element of a Slice, a Pad or a Gather comes from, by the axes of
/// the file's tensor.
struct MovedPlaces {
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> steps;
  std::int64_t mode = 0;  ///< of places outside: 0 a constant, 1 mirrored, 2 the edge, 3 wrapped
  double value = 0;       ///< that constant
};

/// Nothing where places depend on data, or follow no rule of starts and steps.
std::optional<MovedPlaces> moved_places(const NetNode& node, const TraceBuilder& trace);

/// Attributes of a resized tensor of that shape.
RawAttributes resize_attributes(const NetNode& node, const std::vector<std::int64_t>& shape,
                                std::int64_t taps);

/// States the scales that the node gives, for the layer that was added last.
void state_scales(const NetNode& node, bool image, TraceBuilder& trace);

}  // namespace mxsim
