#include "sim/control/command_unit.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "models/core/error.h"
#include "sim/control/stall_rule.h"

namespace mxsim {

CommandUnit::CommandUnit(const sc_core::sc_module_name& name, Unit unit, std::size_t capacity,
                         const Context& context)
    : sc_module(name), unit_(unit), capacity_(capacity), context_(context) {
  context_.units[static_cast<std::size_t>(unit)] = this;
  SC_METHOD(step);
  sensitive << wake;
  dont_initialize();
}

void CommandUnit::assign(const std::vector<CommandId>& commands,
                         const std::vector<Cycles>& issued) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const CommandId id = commands[i];
    const Cycles from = issued.empty() ? context_.clock.now() : issued[i];
    Cycles arrives = from + stall_of(context_.stalls, Channel::kCommand, unit_, id);
    if (!queue_.empty()) arrives = std::max(arrives, queue_.back().arrives);
    queue_.push_back({id, arrives});
  }
  wake.notify(sc_core::SC_ZERO_TIME);
}

UnitActivity CommandUnit::take_activity() {
  account();
  return std::exchange(activity_, {});
}

const StallCycles& CommandUnit::cycles_by_cause() {
  account();
  return cycles_by_cause_;
}

StallCycles CommandUnit::stall_parts(Cycles spent) {
  StallCycles parts;
  if (!wait_.cause) {
    const StallCycles& now = wait_.unit->cycles_by_cause();
    parts = now.since(wait_.before);
    wait_.before = now;
    ensure(parts.total() == spent, "a stall is not explained by the awaited unit");
  } else {
    parts[*wait_.cause] = spent;
  }
  return parts;
}

void CommandUnit::account() {
  const Cycles now = context_.clock.now();
  const Cycles from = std::exchange(since_, now);
  const Cycles spent = now - from;
  if (spent == Cycles(0)) return;
  if (state_ == State::kIdle) {
    activity_.idle += spent;
    return;
  }
  const StallCycles waits = state_ == State::kBusy ? waits_within(from, now) : stall_parts(spent);
  const Cycles worked = spent - waits.total();
  activity_.busy += worked;
  activity_.stalled += waits;
  if (state_ == State::kBusy) held_up_ += waits;
  cycles_by_cause_ += waits;
  cycles_by_cause_[work_of(unit_)] += worked;
  if (context_.timeline != nullptr && state_ == State::kStalled) {
    const Command& head = context_.scoreboard.command(queue_.front().id);
    context_.timeline->record_stall(unit_, from, waits, head.group);
  }
}

void CommandUnit::enter(State state) {
  account();
  state_ = state;
}

void CommandUnit::stall(CommandId head, CommandId awaited) {
  const Scoreboard& scoreboard = context_.scoreboard;
  const bool known = state_ == State::kStalled && wait_.awaited == awaited;
  if (known) return;
  enter(State::kStalled);
  const Command& missing = scoreboard.command(awaited);
  wait_ = {awaited,
           context_.units[static_cast<std::size_t>(missing.unit)],
           fixed_cause(scoreboard.command(head), missing),
           {}};
  if (wait_.cause) return;
  if (scoreboard.is_finished(awaited)) {
    wait_.cause = work_of(missing.unit);
  } else {
    wait_.before = wait_.unit->cycles_by_cause();
  }
}

void CommandUnit::wait_for_delivery(const Queued& head) {
  if (in_flight_.empty() && state_ != State::kStalled) {
    enter(State::kStalled);
    wait_ = {head.id, this, StallCause::kIssue, {}};
  }
  wake.notify(context_.clock.until(head.arrives));
}

/// Until this unit sees it, a cycle later, the other unit may have begun another command.
void CommandUnit::awaited_finished(CommandId id) {
  if (state_ != State::kStalled || wait_.awaited != id || wait_.cause) return;
  account();
  wait_.cause = work_of(wait_.unit->unit());
}

void CommandUnit::step() {
  Scoreboard& scoreboard = context_.scoreboard;
  while (!queue_.empty() && in_flight_.size() < capacity_) {
    if (queue_.front().arrives > context_.clock.now()) return wait_for_delivery(queue_.front());
    const CommandId head = queue_.front().id;
    const std::optional<CommandId> missing = scoreboard.missing(head);
    if (missing) {
      if (in_flight_.empty()) stall(head, *missing);
      scoreboard.wait_for(*missing, *this);
      return;
    }
    const Command& command = scoreboard.command(head);
    const std::optional<Cycles> start = may_start(command);
    if (!start) return;
    if (*start > context_.clock.now()) return wake.notify(context_.clock.until(*start));
    enter(State::kBusy);
    queue_.pop_front();
    in_flight_.push_back({head, context_.clock.now()});
    scoreboard.begin(head);
    begin(head, command);
    context_.ledger.book(command.group);
  }
  if (queue_.empty() && in_flight_.empty()) enter(State::kIdle);
}

void CommandUnit::finish(CommandId id) {
  ensure(!in_flight_.empty() && in_flight_.front().id == id, "commands finish out of order");
  account();
  const InFlight done = in_flight_.front();
  in_flight_.pop_front();
  const Command& command = context_.scoreboard.command(id);
  context_.ledger.book(command.group);
  if (context_.timeline != nullptr) {
    const Cycles begun = std::max(done.begun, last_finish_);
    const Cycles end = context_.clock.now();
    context_.timeline->record(unit_, begun, held_up_, end, command.group, to_string(command));
  }
  held_up_ = {};
  last_finish_ = context_.clock.now();
  if (in_flight_.empty()) enter(State::kIdle);
  context_.scoreboard.finish(id);
  wake.notify(sc_core::SC_ZERO_TIME);
}

std::string CommandUnit::unfinished_text() const {
  const Scoreboard& scoreboard = context_.scoreboard;
  const auto name = [&](CommandId id) {
    const Command& command = scoreboard.command(id);
    return fmt::format("\"{}\" of {}", to_string(command),
                       context_.ops.groups.at(command.group).layer);
  };
  if (!in_flight_.empty()) {
    return fmt::format("{} works on {}", to_string(unit_), name(in_flight_.front().id));
  }
  if (queue_.empty()) return "";
  const CommandId head = queue_.front().id;
  const std::optional<CommandId> missing = scoreboard.missing(head);
  if (!missing) return fmt::format("{} does not start {}", to_string(unit_), name(head));
  return fmt::format("{} waits with {} for {}, which {} has not finished", to_string(unit_),
                     name(head), name(*missing), to_string(scoreboard.command(*missing).unit));
}

}  // namespace mxsim
