#include "models/mapping/chip/vector_cost.h"

#include <algorithm>
#include <optional>

namespace mxsim {
namespace {

bool is_simple(Event op) {
  return op == Event::kVectorAdd || op == Event::kVectorMul || op == Event::kVectorCompare;
}

bool is_slow(Event op) {
  return op == Event::kVectorDivide || op == Event::kVectorSqrt || op == Event::kVectorExp ||
         op == Event::kVectorLog;
}

std::int64_t lane_cycles(const VectorSpec& spec, Event op) {
  if (is_simple(op)) return 1;
  return is_slow(op) ? spec.slow_op_cycles : 0;
}

/// Of one lane on one element: at least 1 for passing it through.
std::int64_t lane_cycles(const VectorSpec& spec, const std::vector<VectorOps>& ops) {
  std::int64_t cycles = 0;
  for (const VectorOps& each : ops) cycles += lane_cycles(spec, each.op) * each.per_element;
  return std::max<std::int64_t>(1, cycles);
}

/// Of an element through the post-processor; nothing if it cannot do these operations.
std::optional<std::int64_t> passes(const PostProcessor& post, const std::vector<VectorOps>& ops) {
  if (post.elements_per_cycle == 0) return std::nullopt;
  std::int64_t operations = 0;
  for (const VectorOps& each : ops) {
    if (is_slow(each.op) || each.per_row > 0) return std::nullopt;
    if (is_simple(each.op)) operations += each.per_element;
  }
  return std::max<std::int64_t>(1, ceil_div(operations, post.stages));
}

}  // namespace

double cycles_per_element(const ElementwiseUnits& units, const std::vector<VectorOps>& ops) {
  const double lanes =
      static_cast<double>(lane_cycles(units.lanes, ops)) / static_cast<double>(units.lanes.lanes);
  const std::optional<std::int64_t> through = passes(units.post_processor, ops);
  if (!through) return lanes;
  return std::min(lanes, static_cast<double>(*through) /
                             static_cast<double>(units.post_processor.elements_per_cycle));
}

Cycles vector_cycles(const ElementwiseUnits& units, const std::vector<VectorOps>& ops,
                     std::int64_t elements, std::int64_t rows) {
  const VectorSpec& spec = units.lanes;
  std::int64_t row_cycles = 0;
  for (const VectorOps& each : ops) row_cycles += lane_cycles(spec, each.op) * each.per_row;
  const Cycles lanes(ceil_div(elements, spec.lanes) * lane_cycles(spec, ops) +
                     ceil_div(rows, spec.lanes) * row_cycles);
  const std::optional<std::int64_t> through = passes(units.post_processor, ops);
  if (!through) return lanes;
  return std::min(lanes,
                  Cycles(ceil_div(elements, units.post_processor.elements_per_cycle) * *through));
}

}  // namespace mxsim
