#include "models/dataflow/command_counts.h"

namespace mxsim {

void set_cycles(ArrayCost& cost, std::int64_t steps, std::int64_t unhindered, Cycles interval,
                Cycles cycles) {
  cost.cycles = cycles;
  cost.port_stall = interval * steps - Cycles(unhindered);
  cost.unit_stall = cycles - interval * steps;
}

void count_border(const ArrayPorts& ports, const BorderElements& elements, ArrayCost& cost) {
  const auto add = [&](Event event, std::int64_t count) {
    cost.counts.add(event, static_cast<std::uint64_t>(count));
  };
  add(Event::kOperandAReads, elements.a_reads);
  add(Event::kOperandBReads, elements.b_reads);
  add(Event::kPartialSumReads, elements.sum_reads);
  add(Event::kPartialSumWrites, elements.sum_writes);
  const auto bytes = [](std::int64_t count, std::int64_t bits) {
    return Bytes(ceil_div(count * bits, 8));
  };
  cost.traffic.a_read += bytes(elements.a_reads, ports.a_element_bits);
  cost.traffic.b_read += bytes(elements.b_reads, ports.b_element_bits);
  cost.traffic.c_read += bytes(elements.sum_reads, ports.c_element_bits);
  cost.traffic.c_write += bytes(elements.sum_writes, ports.c_element_bits);
}

}  // namespace mxsim
