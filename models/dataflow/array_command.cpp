#include "models/dataflow/array_command.h"

#include "models/core/error.h"
#include "models/core/shape.h"

namespace mxsim {

ArrayTraffic& ArrayTraffic::operator+=(const ArrayTraffic& other) {
  a_read_words += other.a_read_words;
  b_read_words += other.b_read_words;
  c_read_words += other.c_read_words;
  c_write_words += other.c_write_words;
  a_read += other.a_read;
  b_read += other.b_read;
  c_read += other.c_read;
  c_write += other.c_write;
  return *this;
}

ArrayTraffic ArrayTraffic::times(std::int64_t count) const {
  return {a_read_words * count, b_read_words * count, c_read_words * count, c_write_words * count,
          a_read * count,       b_read * count,       c_read * count,       c_write * count};
}

ArrayCost ArrayCost::times(std::int64_t count) const {
  if (count == 1) return *this;
  ArrayCost product{
      cycles * count, port_stall * count, unit_stall * count, {}, traffic.times(count)};
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const auto event = static_cast<Event>(i);
    product.counts.add(event, counts[event] * static_cast<std::uint64_t>(count));
  }
  return product;
}

ArrayCost& ArrayCost::operator+=(const ArrayCost& other) {
  cycles += other.cycles;
  port_stall += other.port_stall;
  unit_stall += other.unit_stall;
  counts += other.counts;
  traffic += other.traffic;
  return *this;
}

void check_command(const ArrayCommand& command, const TileData& data) {
  ensure(command.m >= 1 && command.n >= 1 && command.k >= 1, "array command without work");
  ensure(command.width >= 1, "PEs without a multiplier");
  ensure(command.interval >= Cycles(1), "array step shorter than a cycle");
  ensure(command.load.per_step >= 1 && command.load.work >= command.load.per_step,
         "more than one stationary vector a step");
  if (data.empty()) return;
  const auto holds = [](std::size_t size, std::int64_t rows, std::int64_t cols) {
    return static_cast<std::int64_t>(size) == exact_mul(rows, cols);
  };
  ensure(holds(data.a.size(), command.m, command.k) && holds(data.b.size(), command.k, command.n) &&
             holds(data.c.size(), command.m, command.n),
         "array operands do not have the command's shape");
}

bool adds_integers(Accumulator accumulator) {
  return accumulator == Accumulator::kExactBlock || accumulator == Accumulator::kFixed;
}

std::int64_t stated_gated_macs(const ArraySpec& spec, const ArrayCommand& command) {
  if (spec.zero_gating == ZeroGating::kOff || !command.zero_products) return 0;
  const std::int64_t macs = exact_mul(exact_mul(command.m, command.n), command.k);
  return static_cast<std::int64_t>(static_cast<double>(macs) * *command.zero_products);
}

bool uses_exact_blocks(const ArraySpec& spec, const ArrayCommand& command) {
  const bool asked_for = adds_integers(command.sum_on(spec).accumulator) || command.width > 1;
  return asked_for && command.blocks.a_length > 0 && command.blocks.b_length > 0;
}

}  // namespace mxsim
