#include "sim/control/timed_unit.h"

namespace mxsim {

TimedUnit::TimedUnit(const sc_core::sc_module_name& name, Unit unit, const Context& context,
                     const MapperChip& chip, const ChipBuffers& buffers)
    : CommandUnit(name, unit, 1, context), chip_(chip), buffers_(buffers) {
  SC_METHOD(end);
  sensitive << end_event_;
  dont_initialize();
}

void TimedUnit::begin(CommandId id, const Command& command) {
  begun_ = context().clock.now();
  const Cycles own = work(command);
  Cycles busy = own;
  for (const BufferAccess& access : command.buffers) {
    busy = std::max(busy, buffers_.of(access.buffer).move(access.read, access.written));
  }
  buffers_.ports().begin(unit(), begun_, port_words(chip_, command.buffers), busy);
  running_ = id;
  busy_end_ = begun_ + busy;
  own_end_ = begun_ + std::max(Cycles(1), own + latency());
  end_event_.notify(context().clock.until(end_cycle()));
}

Cycles TimedUnit::end_cycle() const {
  const Cycles moved = std::max(busy_end_, buffers_.ports().met(unit()));
  return std::max(begun_ + Cycles(1), moved + latency()) + buffer_stall(running_);
}

/// The last cycles of a command are those that its own pipeline would not have needed.
StallCycles TimedUnit::waits_within(Cycles from, Cycles to) const {
  StallCycles waits;
  waits[StallCause::kBankConflict] = std::max(Cycles(0), to - std::max(from, own_end_));
  return waits;
}

void TimedUnit::end() {
  const Cycles end = end_cycle();
  if (end > context().clock.now()) {
    end_event_.notify(context().clock.until(end));
  } else {
    finish(running_);
  }
}

}  // namespace mxsim
