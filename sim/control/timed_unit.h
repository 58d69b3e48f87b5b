#pragma once

#include <algorithm>

#include "sim/control/command_unit.h"
#include "sim/memory/sram_buffer.h"

namespace mxsim {

/// A unit whose commands take a time that is known when they start, one at a time, and longer where
/// other units keep it from shared ports.
class TimedUnit : public CommandUnit {
 public:
  SC_HAS_PROCESS(TimedUnit);
  TimedUnit(const sc_core::sc_module_name& name, Unit unit, const Context& context,
            const MapperChip& chip, const ChipBuffers& buffers);

 protected:
  /// Counts the command's events and returns the cycles its own pipeline needs.
  virtual Cycles work(const Command& command) = 0;
  /// Cycles between the first element in and the first element out.
  virtual Cycles latency() const = 0;

 private:
  void begin(CommandId id, const Command& command) final;
  StallCycles waits_within(Cycles from, Cycles to) const final;
  void end();
  /// Of the running command, if no other unit begins to use shared ports before.
  Cycles end_cycle() const;

  const MapperChip& chip_;
  const ChipBuffers& buffers_;
  CommandId running_ = 0;
  Cycles begun_{0};
  Cycles busy_end_{0};  ///< when it would leave the pipeline's head if no ports were shared
  Cycles own_end_{0};   ///< when the command would end if the buffers' ports took no longer
  sc_core::sc_event end_event_;
};

}  // namespace mxsim
