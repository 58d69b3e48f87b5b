#include "models/dataflow/closed_form.h"

#include <algorithm>

#include "models/core/shape.h"
#include "models/dataflow/block_sums.h"
#include "models/dataflow/command_counts.h"
#include "models/dataflow/dataflow_table.h"
#include "models/dataflow/scalesim.h"

namespace mxsim {

ArrayCost closed_form(const ArraySpec& spec, const ArrayCommand& command, std::int64_t gated_macs) {
  const DataflowInfo& dataflow = info(command.dataflow);
  const bool scalesim = spec.timing == ArrayTiming::kScaleSim;
  const std::int64_t steps =
      scalesim ? scalesim_cycles(spec, command) : dataflow.steps(spec, command);
  ArrayCost cost;
  cost.cycles = Cycles(exact_mul(steps, command.interval.count()));
  cost.port_stall = cost.cycles - Cycles(steps);
  dataflow.count(spec, command, cost);
  const auto add = [&](Event event, std::int64_t count) {
    cost.counts.add(event, static_cast<std::uint64_t>(count));
  };
  const std::int64_t macs = exact_mul(exact_mul(command.m, command.n), command.k);
  add(Event::kMac, macs - gated_macs);
  add(Event::kMacGated, gated_macs);
  add(Event::kPeActiveCycles, macs);
  // SCALE-Sim's cycles are the index of the last one.
  const std::int64_t occupied = cost.cycles.count() + (scalesim ? command.interval.count() : 0);
  add(Event::kPeIdleCycles, exact_mul(spec.rows * spec.cols, occupied) - macs);
  if (uses_exact_blocks(spec, command)) {
    const std::int64_t pass = dataflow.pass_reduction(spec, command);
    add(Event::kBlockAccumulate,
        command.m * command.n * block_sums(command.blocks, command.k, pass));
  }
  return cost;
}

Cycles port_interval(const ArraySpec& spec, const ArrayCommand& command) {
  const PortVectors vectors = info(command.dataflow).vectors(spec, command);
  const ArrayPorts& ports = command.ports;
  return Cycles(std::max({vector_words(vectors.a, ports.a_element_bits, ports.a_word_bits),
                          vector_words(vectors.b, ports.b_element_bits, ports.b_word_bits),
                          vector_words(vectors.c, kPartialSumBits, ports.c_word_bits)}));
}

}  // namespace mxsim
