#include "models/mapping/chip/vector_cost.h"

#include <algorithm>

namespace mxsim {
namespace {

std::int64_t lane_cycles(const VectorSpec& spec, Event op) {
  switch (op) {
    case Event::kVectorAdd:
    case Event::kVectorMul:
    case Event::kVectorCompare:
      return 1;
    case Event::kVectorDivide:
    case Event::kVectorSqrt:
    case Event::kVectorExp:
    case Event::kVectorLog:
      return spec.slow_op_cycles;
    default:
      return 0;
  }
}

}  // namespace

std::int64_t lane_cycles(const VectorSpec& spec, const std::vector<VectorOps>& ops) {
  std::int64_t cycles = 0;
  for (const VectorOps& each : ops) cycles += lane_cycles(spec, each.op) * each.per_element;
  return std::max<std::int64_t>(1, cycles);
}

Cycles vector_cycles(const VectorSpec& spec, const std::vector<VectorOps>& ops,
                     std::int64_t elements, std::int64_t rows) {
  std::int64_t row_cycles = 0;
  for (const VectorOps& each : ops) row_cycles += lane_cycles(spec, each.op) * each.per_row;
  return Cycles(ceil_div(elements, spec.lanes) * lane_cycles(spec, ops) +
                ceil_div(rows, spec.lanes) * row_cycles);
}

}  // namespace mxsim
