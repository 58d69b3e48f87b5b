#include "tests/support/control_bench.h"

namespace mxsim::testing {

ControlBench::ControlBench(std::size_t groups, const StallSource* stalls)
    : stalls_(stalls), scoreboard(clock, ops, stalls) {
  ops.groups.resize(groups);
  for (std::size_t i = 0; i < groups; ++i) ops.groups[i].layer = "layer" + std::to_string(i);
}

void ControlBench::hand_out(Program piece) {
  std::array<std::vector<CommandId>, kUnitCount> queues;
  CommandId id = piece.first;
  for (const Command& command : piece.commands) {
    queues[static_cast<std::size_t>(command.unit)].push_back(id++);
  }
  scoreboard.append(std::move(piece));
  for (CommandUnit* unit : units) {
    if (unit != nullptr) unit->assign(queues[static_cast<std::size_t>(unit->unit())]);
  }
}

Command command_of(Unit unit, std::vector<CommandId> after, std::uint32_t group) {
  Command command;
  command.unit = unit;
  command.after = std::move(after);
  command.group = group;
  if (unit == Unit::kArray) command.work = ArrayWork{};
  if (unit == Unit::kVector) command.work = VectorWork{};
  if (unit == Unit::kRequant) command.work = RequantWork{};
  return command;
}

MapperChip ported_chip() {
  BufferSpec buffer;
  buffer.bytes = Bytes(8192);
  buffer.banks = 2;
  buffer.width_bits = 64;
  const SramGeometry geometry(buffer, 8);
  MapperChip chip{{}, geometry, geometry, geometry, {}};
  chip.array.rows = 8;
  chip.array.cols = 8;
  return chip;
}

FixedUnit::FixedUnit(const sc_core::sc_module_name& name, Unit unit, std::int64_t cycles,
                     const Context& context, std::size_t capacity)
    : CommandUnit(name, unit, capacity, context), cycles_(cycles) {
  SC_METHOD(end);
  sensitive << end_event_;
  dont_initialize();
}

void FixedUnit::begin(CommandId id, const Command&) {
  const Cycles now = context().clock.now();
  spans_.push_back({id, now.count(), (now + cycles_).count()});
  end_event_.notify(context().clock.until(Cycles(spans_[ended_].end)));
}

void FixedUnit::end() {
  const Cycles now = context().clock.now();
  while (ended_ < spans_.size() && spans_[ended_].end <= now.count()) finish(spans_[ended_++].id);
  if (ended_ < spans_.size()) {
    end_event_.notify(context().clock.until(Cycles(spans_[ended_].end)));
  }
}

Probe::Probe(const sc_core::sc_module_name& name, const ClockDomain& clock, std::int64_t cycle,
             std::function<void()> action)
    : sc_module(name), clock_(clock), cycle_(cycle), action_(std::move(action)) {
  SC_THREAD(run);
}

void Probe::run() {
  wait(clock_.until(cycle_));
  action_();
}

}  // namespace mxsim::testing
