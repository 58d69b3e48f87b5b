#pragma once

#include <deque>
#include <systemc>
#include <vector>

#include "models/core/unit_activity.h"
#include "models/workload/op_list.h"
#include "sim/control/event_ledger.h"
#include "sim/control/scoreboard.h"
#include "sim/kernel/timeline.h"

namespace mxsim {

/// A unit that takes its commands in the order of the program, starts each when everything it comes
/// after is finished, and keeps at most `capacity` in flight. Derived classes say what starting
/// means and call finish().
class CommandUnit : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(CommandUnit);

  /// What a unit needs of the chip around it; all outlive it.
  struct Surroundings {
    const ClockDomain& clock;
    const OpList& ops;
    Scoreboard& scoreboard;
    EventLedger& ledger;
    Timeline* timeline;  ///< may be null
  };

  CommandUnit(const sc_core::sc_module_name& name, Unit unit, std::size_t capacity,
              const Surroundings& around);

  Unit unit() const { return unit_; }
  /// Adds commands of the scoreboard to the unit's queue, in order.
  void assign(const std::vector<CommandId>& commands);
  /// Activity since the last call.
  UnitActivity take_activity();

 protected:
  /// Starts a command in the current cycle. finish(id) is called in its last cycle's successor.
  virtual void begin(CommandId id, const Command& command) = 0;
  /// Commands must finish in the order they began.
  void finish(CommandId id);

  EventCounts& counts() { return around_.ledger.open()[unit_]; }
  const Surroundings& around() const { return around_; }

 private:
  enum class State : std::uint8_t { kIdle, kBusy, kStalled };
  struct InFlight {
    CommandId id;
    Cycles begun;
  };

  void step();
  void enter(State state, Unit waited_for);
  void account();

  Unit unit_;
  std::size_t capacity_;
  Surroundings around_;
  std::deque<CommandId> queue_;
  std::deque<InFlight> in_flight_;
  State state_ = State::kIdle;
  Unit waited_for_;
  Cycles since_{0};
  UnitActivity activity_;
  sc_core::sc_event wake_;
};

}  // namespace mxsim
