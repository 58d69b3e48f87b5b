#include "sim/control/stall_rule.h"

#include <algorithm>

namespace mxsim {
namespace {

bool is_transfer(const Command& command) {
  return std::holds_alternative<TransferWork>(command.work);
}

bool touches_results(const Command& command) {
  return std::any_of(
      command.buffers.begin(), command.buffers.end(),
      [](const BufferAccess& access) { return access.buffer == Unit::kSramAccumulator; });
}

}  // namespace

std::optional<StallCause> fixed_cause(const Command& waiting, const Command& awaited) {
  if (is_transfer(waiting)) {
    if (is_transfer(awaited)) return StallCause::kDependency;
    const bool fetches_operands = waiting.unit == Unit::kDmaRead && !touches_results(waiting);
    return fetches_operands ? std::optional(StallCause::kBuffer) : std::nullopt;
  }
  if (awaited.group != waiting.group) return std::nullopt;
  if (awaited.unit == Unit::kDmaWrite) return StallCause::kAccumulator;
  const bool epilogue = awaited.unit == Unit::kVector || awaited.unit == Unit::kRequant;
  if (waiting.unit == Unit::kArray && epilogue && touches_results(awaited)) {
    return StallCause::kAccumulator;
  }
  return std::nullopt;
}

StallCause work_of(Unit unit) {
  if (unit == Unit::kArray) return StallCause::kArray;
  if (unit == Unit::kVector) return StallCause::kVector;
  return unit == Unit::kRequant ? StallCause::kRequant : StallCause::kDma;
}

}  // namespace mxsim
