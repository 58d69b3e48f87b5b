#include "models/dataflow/closed_form.h"

#include <algorithm>

#include "models/core/shape.h"
#include "models/dataflow/array_grid.h"
#include "models/dataflow/command_counts.h"
#include "models/dataflow/dataflow_table.h"
#include "models/dataflow/scale_units.h"
#include "models/dataflow/scalesim.h"
#include "models/dataflow/sum_rule.h"

namespace mxsim {

namespace {

std::int64_t steps_of_share(const ArraySpec& spec, const ArrayCommand& share) {
  return spec.timing == ArrayTiming::kScaleSim ? scalesim_cycles(spec, share)
                                               : info(share.dataflow).steps(spec, share);
}

/// Cost of a command on one array without what follows from the whole grid's cycles.
ArrayCost share_cost(const ArraySpec& spec, const ArrayCommand& command) {
  const DataflowInfo& dataflow = info(command.dataflow);
  const bool scalesim = spec.timing == ArrayTiming::kScaleSim;
  ArrayCost cost;
  cost.cycles = Cycles(steps_of_share(spec, command));
  dataflow.count(spec, command, cost);
  const std::int64_t results = exact_mul(command.m, command.n);
  const SumRule rule(spec, command);
  const std::int64_t pass_length = dataflow.pass_reduction(spec, command);
  std::int64_t finished = 0;  // by all rows of one column
  command.blocks.for_each_kind(0, command.m, [&](std::int64_t row, std::int64_t rows) {
    finished += exact_mul(rows, rule.finished(row, pass_length));
  });
  if (!scalesim) cost.unit_stall = scale_unit_stall(spec, command, rule);
  cost.counts.add(Event::kPeActiveCycles,
                  static_cast<std::uint64_t>(exact_mul(results, command.reduction_steps())));
  cost.counts.add(Event::kBlockAccumulate,
                  static_cast<std::uint64_t>(exact_mul(command.n, finished)));
  return cost;
}

}  // namespace

std::int64_t array_steps(const ArraySpec& spec, const ArrayCommand& command) {
  std::int64_t steps = 0;
  GridShares(spec.grid, command)
      .for_each_kind(command, [&](const ArrayCommand& share, const ShareCount&) {
        steps = std::max(steps, steps_of_share(spec, share));
      });
  return steps;
}

std::int64_t steps_without_slow_loads(const ArraySpec& spec, ArrayCommand command) {
  command.load = {};
  return array_steps(spec, command);
}

Cycles load_stall(const ArraySpec& spec, const ArrayCommand& command) {
  const bool loads = command.dataflow != Dataflow::kOutputStationary;
  if (!loads || spec.timing == ArrayTiming::kScaleSim) return Cycles(0);
  ArrayCommand loaded = command;
  loaded.load = {.work = 0, .per_step = 1};
  return Cycles(steps_without_slow_loads(spec, command) - array_steps(spec, loaded));
}

ArrayCost closed_form(const ArraySpec& spec, const ArrayCommand& command, std::int64_t gated_macs) {
  ArrayCost cost;
  std::int64_t steps = 0;
  Cycles cycles{0};
  GridShares(spec.grid, command)
      .for_each_kind(command, [&](const ArrayCommand& share, const ShareCount& count) {
        const ArrayCost one = share_cost(spec, share);
        steps = std::max(steps, one.cycles.count());
        cycles = std::max(cycles, Cycles(exact_mul(one.cycles.count(), command.interval.count())) +
                                      one.unit_stall);
        cost += cost_of_shares(one, count);
      });
  const std::int64_t unhindered =
      command.load.is_slow() ? steps_without_slow_loads(spec, command) : steps;
  set_cycles(cost, steps, unhindered, command.interval, cycles);
  const auto add = [&](Event event, std::int64_t count) {
    cost.counts.add(event, static_cast<std::uint64_t>(count));
  };
  add(Event::kMac, exact_mul(exact_mul(command.m, command.n), command.k) - gated_macs);
  add(Event::kMacGated, gated_macs);
  // SCALE-Sim's cycles are the index of the last one.
  const bool scalesim = spec.timing == ArrayTiming::kScaleSim;
  const std::int64_t occupied = cost.cycles.count() + (scalesim ? command.interval.count() : 0);
  add(Event::kPeIdleCycles, exact_mul(spec.pes(), occupied) -
                                static_cast<std::int64_t>(cost.counts[Event::kPeActiveCycles]));
  return cost;
}

}  // namespace mxsim
