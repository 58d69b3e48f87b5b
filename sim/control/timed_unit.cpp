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
  Cycles busy = work(command);
  for (const BufferAccess& access : command.buffers) {
    busy = std::max(busy, buffers_.of(access.buffer).move(access.read, access.written));
  }
  running_ = id;
  const Cycles end_cycle = around().clock.now() + std::max(Cycles(1), busy + latency());
  end_event_.notify(around().clock.until(end_cycle));
}

void TimedUnit::end() { finish(running_); }

}  // namespace mxsim
