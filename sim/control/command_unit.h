#pragma once

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <systemc>
#include <vector>

#include "models/core/unit_activity.h"
#include "models/workload/op_list.h"
#include "sim/control/event_ledger.h"
#include "sim/control/scoreboard.h"
#include "sim/kernel/stall_source.h"
#include "sim/kernel/timeline.h"

namespace mxsim {

class CommandUnit;

/// The chip's units by Unit; each enters itself.
using CommandUnits = std::array<CommandUnit*, kUnitCount>;

/// A unit that takes its commands in the order of the program, starts each when everything it comes
/// after is finished, and keeps at most `capacity` in flight. Derived classes say what starting
/// means and call finish().
///
/// Every cycle of it is busy, idle (no commands), or stalled by a cause: the one that fixed_cause()
/// names, or, while the awaited unit works or waits itself, what keeps that unit.
class CommandUnit : public sc_core::sc_module, private CommandWaiter {
 public:
  SC_HAS_PROCESS(CommandUnit);

  /// What a unit needs of the chip around it; all outlive it.
  struct Context {
    const ClockDomain& clock;
    const OpList& ops;
    Scoreboard& scoreboard;
    EventLedger& ledger;
    CommandUnits& units;
    Timeline* timeline;         ///< may be null
    const StallSource* stalls;  ///< may be null
  };

  CommandUnit(const sc_core::sc_module_name& name, Unit unit, std::size_t capacity,
              const Context& context);

  Unit unit() const { return unit_; }
  /// Adds commands of the scoreboard to the unit's queue, in order, each with the cycle from which
  /// on it can begin; without these cycles: now.
  void assign(const std::vector<CommandId>& commands, const std::vector<Cycles>& issued = {});
  /// What the unit has not finished and waits for; "": nothing is left.
  std::string unfinished_text() const;
  /// Activity since the last call.
  UnitActivity take_activity();

 protected:
  /// The first cycle, from now on, in which a command whose dependencies are seen may start beside
  /// those in flight; nothing: when one of them finishes.
  virtual std::optional<Cycles> may_start(const Command&) const { return context_.clock.now(); }
  /// Starts a command in the current cycle. finish(id) is called in its last cycle's successor.
  virtual void begin(CommandId id, const Command& command) = 0;
  /// Commands must finish in the order they began.
  void finish(CommandId id);
  /// Which of the cycles [from, to), all with commands in flight, the unit did not work in. It must
  /// have called account() whenever the answer changed.
  virtual StallCycles waits_within(Cycles, Cycles) const { return {}; }
  /// Brings the activity up to now.
  void account();

  /// Cycles that the data of a command waits for a buffer.
  Cycles buffer_stall(CommandId id) const {
    return stall_of(context_.stalls, Channel::kBuffer, unit_, id);
  }

  EventCounts& counts() { return context_.ledger.open()[unit_]; }
  const Context& context() const { return context_; }

 private:
  enum class State : std::uint8_t { kIdle, kBusy, kStalled };
  struct Queued {
    CommandId id;
    Cycles arrives;
  };
  struct InFlight {
    CommandId id;
    Cycles begun;
  };
  struct Wait {
    CommandId awaited = 0;
    CommandUnit* unit = nullptr;      ///< of the awaited command
    std::optional<StallCause> cause;  ///< when it is known without looking at that unit
    StallCycles before;               ///< what that unit's commands had been kept by
  };

  void step();
  void enter(State state);
  void stall(CommandId head, CommandId awaited);
  void wait_for_delivery(const Queued& head);
  void awaited_finished(CommandId id) override;
  StallCycles stall_parts(Cycles spent);
  /// What has kept the unit's commands from being finished, cycle by cycle, up to now.
  const StallCycles& cycles_by_cause();

  Unit unit_;
  std::size_t capacity_;
  Context context_;
  std::deque<Queued> queue_;
  std::deque<InFlight> in_flight_;
  State state_ = State::kIdle;
  Wait wait_;
  Cycles since_{0};
  Cycles last_finish_{0};
  StallCycles held_up_;  ///< by ports and DRAM, since then
  UnitActivity activity_;
  StallCycles cycles_by_cause_;
};

}  // namespace mxsim
