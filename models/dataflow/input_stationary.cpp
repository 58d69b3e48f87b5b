#include "models/dataflow/input_stationary.h"

#include <algorithm>

#include "models/dataflow/command_counts.h"
#include "models/dataflow/stationary_schedule.h"

namespace mxsim {
namespace {

// PE (i, j) holds A[m0 + j, k0 + i]. Row i of B's tile enters at the left edge:
// B[k0 + i, t - i * latency] at step t of a pass. C^T = B^T A^T in `ws`.
std::int64_t steps(const ArraySpec& spec, const ArrayCommand& command) {
  return stationary_steps(StationaryRule(spec), StationarySchedule(spec, command));
}

void count(const ArraySpec& spec, const ArrayCommand& command, ArrayCost& cost) {
  const StationarySchedule passes(spec, command);
  const ArrayPorts& ports = command.ports;
  const StationaryTotals totals =
      stationary_totals(passes, b_port(ports), a_port(ports), c_port(ports), command.accumulate);
  cost.counts.add(Event::kPass, static_cast<std::uint64_t>(passes.passes()));
  cost.counts.add(Event::kStationaryLoads, static_cast<std::uint64_t>(totals.stationary_reads));
  count_border(ports,
               {.a_reads = totals.stationary_reads,
                .b_reads = totals.streamed_reads,
                .sum_writes = totals.sum_writes,
                .sum_reads = totals.sum_reads},
               cost);
  cost.traffic.a_read_words = totals.stationary_words;
  cost.traffic.b_read_words = totals.streamed_words;
  cost.traffic.c_write_words = totals.sum_write_words;
  cost.traffic.c_read_words = totals.sum_read_words;
}

PortVectors vectors(const ArraySpec& spec, const ArrayCommand& command) {
  const StationarySchedule passes(spec, command);
  const std::int64_t loaded = passes.width.front() * std::min(passes.dot, command.k);
  return {loaded, passes.reduction.front(), passes.width.front()};
}

std::int64_t pass_reduction(const ArraySpec& spec, const ArrayCommand& command) {
  return spec.rows * command.width;
}

}  // namespace

DataflowInfo input_stationary() {
  return {Dataflow::kInputStationary,
          "is",
          "rows hold K, columns hold M, N is streamed past the activations",
          steps,
          count,
          vectors,
          pass_reduction};
}

}  // namespace mxsim
