#include "sim/control/command_unit.h"

#include <utility>

#include "models/core/error.h"

namespace mxsim {

CommandUnit::CommandUnit(const sc_core::sc_module_name& name, Unit unit, std::size_t capacity,
                         const Surroundings& around)
    : sc_module(name), unit_(unit), capacity_(capacity), around_(around), waited_for_(unit) {
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

void CommandUnit::assign(const std::vector<CommandId>& commands) {
  queue_.insert(queue_.end(), commands.begin(), commands.end());
  wake_.notify(sc_core::SC_ZERO_TIME);
}

UnitActivity CommandUnit::take_activity() {
  account();
  return std::exchange(activity_, {});
}

void CommandUnit::account() {
  const Cycles now = around_.clock.now();
  const Cycles spent = now - since_;
  since_ = now;
  switch (state_) {
    case State::kIdle:
      activity_.idle += spent;
      break;
    case State::kBusy:
      activity_.busy += spent;
      break;
    case State::kStalled:
      activity_.stalled_for[static_cast<std::size_t>(waited_for_)] += spent;
      break;
  }
}

void CommandUnit::enter(State state, Unit waited_for) {
  account();
  state_ = state;
  waited_for_ = waited_for;
}

void CommandUnit::step() {
  Scoreboard& scoreboard = around_.scoreboard;
  while (!queue_.empty() && in_flight_.size() < capacity_) {
    const CommandId head = queue_.front();
    const std::optional<CommandId> missing = scoreboard.missing(head);
    if (missing) {
      if (in_flight_.empty()) enter(State::kStalled, scoreboard.command(*missing).unit);
      around_.scoreboard.wait_for(*missing, wake_);
      return;
    }
    queue_.pop_front();
    enter(State::kBusy, unit_);
    in_flight_.push_back({head, around_.clock.now()});
    const Command& command = scoreboard.command(head);
    scoreboard.begin(head);
    begin(head, command);
    around_.ledger.book(command.group);
  }
  if (queue_.empty() && in_flight_.empty()) enter(State::kIdle, unit_);
}

void CommandUnit::finish(CommandId id) {
  ensure(!in_flight_.empty() && in_flight_.front().id == id, "commands finish out of order");
  const InFlight done = in_flight_.front();
  in_flight_.pop_front();
  const std::uint32_t group = around_.scoreboard.command(id).group;
  around_.ledger.book(group);
  if (around_.timeline != nullptr) {
    around_.timeline->record(unit_, done.begun, around_.clock.now(), group);
  }
  if (in_flight_.empty()) enter(State::kIdle, unit_);
  around_.scoreboard.finish(id);
  wake_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace mxsim
