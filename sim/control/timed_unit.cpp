#include "sim/control/timed_unit.h"

namespace mxsim {

TimedUnit::TimedUnit(const sc_core::sc_module_name& name, Unit unit, const Surroundings& around,
                     const ChipBuffers& buffers)
    : CommandUnit(name, unit, 1, around), buffers_(buffers) {
  SC_METHOD(end);
  sensitive << end_event_;
  dont_initialize();
}

void TimedUnit::begin(CommandId id, const Command& command) {
  const Cycles now = around().clock.now();
  const Cycles own = work(command);
  Cycles busy = own;
  for (const BufferAccess& access : command.buffers) {
    busy = std::max(busy, buffers_.of(access.buffer).move(access.read, access.written));
  }
  running_ = id;
  own_end_ = now + std::max(Cycles(1), own + latency());
  const Cycles end = now + std::max(Cycles(1), busy + latency()) + buffer_stall(id);
  end_event_.notify(around().clock.until(end));
}

/// The last cycles of a command are those that its own pipeline would not have needed.
StallCycles TimedUnit::waits_within(Cycles from, Cycles to) const {
  StallCycles waits;
  waits[StallCause::kBankConflict] = std::max(Cycles(0), to - std::max(from, own_end_));
  return waits;
}

void TimedUnit::end() { finish(running_); }

}  // namespace mxsim
