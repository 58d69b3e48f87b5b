#pragma once

#include <deque>
#include <optional>
#include <systemc>

#include "models/dataflow/array_command.h"
#include "sim/kernel/clock_domain.h"
#include "sim/kernel/stall_source.h"

namespace mxsim {

/// The PE array as the rest of the chip sees it: commands start and end in order, one at a time or
/// behind one another (models/dataflow/command_chain.h). Both fidelities give the same cycles,
/// counts and bits.
class ArrayUnit : public sc_core::sc_module {
 public:
  ArrayUnit(const sc_core::sc_module_name& name, const ArraySpec& spec, const ClockDomain& clock);

  /// Starts `command` in the current core cycle. The data must live until it has finished; without
  /// data (fidelity `tile` only) cycles and counts alone are modelled. Throws InternalError before
  /// earliest().
  void start(const ArrayCommand& command, const TileData& data = {});
  /// The first cycle, from now on, in which `next` may start; nothing while that is not known
  /// before the array is idle.
  std::optional<Cycles> earliest(const ArrayCommand& next) const;

  /// Records every PE's registers in a waveform; call before simulation starts. Throws
  /// InternalError where there are no PEs.
  virtual void trace(sc_core::sc_trace_file& file);

  /// Lets what enters and leaves the array be held up, step by step; all PEs wait. The command's
  /// cost stays its own, and no command starts before the array is idle. `stalls` outlives this.
  void stall_steps(const StallSource& stalls) { stalls_ = &stalls; }

  bool busy() const { return !started_.empty(); }
  /// Notified, a delta cycle after a command has ended, at the first core cycle after the command's
  /// last one: start + cycles + stalls.
  const sc_core::sc_event& finished() const { return finished_; }
  /// Cost of the command that finished last, less the cycles that it shares with its predecessor;
  /// idle PE-cycles are counted when the array runs empty.
  const ArrayCost& last() const { return last_; }
  /// Sum over all finished commands; `cycles` are the busy cycles.
  const ArrayCost& total() const { return total_; }
  const EventCounts& counts() const { return total_.counts; }

 protected:
  /// Begins the command; finish() has to be called `cycles` after the current cycle.
  virtual void begin(const ArrayCommand& command, const TileData& data) = 0;
  /// The oldest command ends; `cost` is what it costs alone.
  void finish(const ArrayCost& cost);
  /// Cycles that the array stands still after step `step` (0, 1, ...) of the command started last.
  Cycles stall_after(std::int64_t step) const {
    constexpr int kStepBits = 40;
    return stall_of(stalls_, Channel::kArrayStep, Unit::kArray,
                    (commands_ << kStepBits) + static_cast<std::uint64_t>(step));
  }
  /// After all of its steps.
  Cycles stall_after_all(std::int64_t steps) const;

  const ArraySpec& spec() const { return spec_; }
  const ClockDomain& clock() const { return clock_; }

 private:
  ArraySpec spec_;
  ClockDomain clock_;
  std::deque<Cycles> started_;  ///< of commands in flight
  ArrayCommand newest_;         ///< the command started last
  Cycles last_finish_{0};
  std::int64_t idle_pe_cycles_ = 0;  ///< since the array was empty, of finished commands
  std::uint64_t commands_ = 0;       ///< started
  const StallSource* stalls_ = nullptr;
  sc_core::sc_event finished_;
  ArrayCost last_;
  ArrayCost total_;
};

}  // namespace mxsim
