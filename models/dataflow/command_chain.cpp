#include "models/dataflow/command_chain.h"

#include <algorithm>
#include <array>

#include "models/dataflow/array_grid.h"
#include "models/dataflow/closed_form.h"
#include "models/dataflow/dataflow_table.h"

namespace mxsim {
namespace {

/// Index of the last piece of each; all pieces before are alike.
std::array<std::int64_t, 2> kinds(const Tiling& pieces) { return {0, pieces.count() - 1}; }

/// On the array of a grid whose pieces allow the latest start.
std::int64_t handover_steps(const ArraySpec& spec, const ArrayCommand& command,
                            const ArrayCommand& next) {
  const GridShares from(spec.grid, command);
  const GridShares to(spec.grid, next);
  ArrayCommand share = command;
  ArrayCommand next_share = next;
  std::int64_t steps = 0;
  for (const std::int64_t p : kinds(from.m)) {
    for (const std::int64_t q : kinds(from.n)) {
      share.m = from.m.length(p);
      share.n = from.n.length(q);
      next_share.m = to.m.length(p);
      next_share.n = to.n.length(q);
      steps = std::max(steps, info(command.dataflow).handover(spec, share, next_share));
    }
  }
  return steps;
}

}  // namespace

std::int64_t least_array_steps(const ArraySpec& spec, const ArrayCommand& command) {
  if (spec.timing == ArrayTiming::kScaleSim) return array_steps(spec, command);
  std::int64_t steps = 0;
  GridShares(spec.grid, command)
      .for_each_kind(command, [&](const ArrayCommand& share, const ShareCount&) {
        steps = std::max(steps, info(command.dataflow).least_steps(spec, share));
      });
  return steps;
}

std::optional<Cycles> chained_start(const ArraySpec& spec, const ArrayCommand& command,
                                    const ArrayCommand& next) {
  if (spec.timing == ArrayTiming::kScaleSim || command.dataflow != next.dataflow ||
      command.interval != next.interval || command.width != next.width) {
    return std::nullopt;
  }
  const GridShares from(spec.grid, command);
  const GridShares to(spec.grid, next);
  if (from.m.count() != to.m.count() || from.n.count() != to.n.count()) return std::nullopt;
  const ArrayCost cost = closed_form(spec, command);
  const Cycles after_passes = command.interval * handover_steps(spec, command, next);
  const Cycles in_order = cost.cycles - closed_form(spec, next).cycles + Cycles(1);
  return std::max(after_passes + cost.unit_stall, in_order);
}

}  // namespace mxsim
