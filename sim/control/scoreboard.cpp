#include "sim/control/scoreboard.h"

#include <algorithm>
#include <utility>

#include "models/core/error.h"

namespace mxsim {

void Scoreboard::append(Program piece) {
  while (!entries_.empty() && seen(entries_.front())) {
    entries_.pop_front();
    ++first_;
  }
  ensure(piece.first == first_ + entries_.size(), "a piece of the program is missing");
  for (Command& command : piece.commands) {
    ensure(command.group >= finished_groups_, "a finished group gets another command");
    ++groups_[command.group].unfinished;
    entries_.push_back({std::move(command)});
  }
  unfinished_ += piece.commands.size();
  closed_groups_ = piece.closed_groups;
}

bool Scoreboard::leads(const Command& command) const {
  if (command.unit == Unit::kArray) return true;
  const bool computes = command.unit == Unit::kVector || command.unit == Unit::kRequant;
  return computes && ops_.groups[command.group].gemms.empty();
}

void Scoreboard::begin(CommandId id) {
  const Command& command = entry(id).command;
  Group& group = groups_.at(command.group);
  group.first_begin = std::min(group.first_begin, clock_.now().count());
  if (command.group <= leading_group_ || !leads(command)) return;
  leading_group_ = command.group;
  new_leader_.notify(sc_core::SC_ZERO_TIME);
}

void Scoreboard::finish(CommandId id) {
  Entry& done = entry(id);
  ensure(done.finished_at == kUnfinished, "a command finishes twice");
  const Cycles last = clock_.now() + stall_of(stalls_, Channel::kCompletion, done.command.unit, id);
  done.finished_at = last.count();
  const sc_core::sc_time next = clock_.until(last + Cycles(1));
  for (CommandWaiter* waiter : std::exchange(done.waiters, {})) {
    waiter->awaited_finished(id);
    waiter->wake.notify(next);
  }
  Group& owner = groups_.at(done.command.group);
  --owner.unfinished;
  owner.last_finish = std::max(owner.last_finish, last.count());
  --unfinished_;
  unseen_.push_back(last.count());
  progress_.notify(next);
}

bool Scoreboard::seen(const Entry& entry) const {
  return entry.finished_at != kUnfinished && entry.finished_at < clock_.now().count();
}

std::optional<CommandId> Scoreboard::missing(CommandId id) const {
  for (const CommandId dependency : entry(id).command.after) {
    if (dependency >= first_ && !seen(entry(dependency))) return dependency;
  }
  return std::nullopt;
}

void Scoreboard::wait_for(CommandId id, CommandWaiter& waiter) {
  Entry& awaited = entry(id);
  if (awaited.finished_at == kUnfinished) {
    std::vector<CommandWaiter*>& waiters = awaited.waiters;
    if (std::find(waiters.begin(), waiters.end(), &waiter) == waiters.end()) {
      waiters.push_back(&waiter);
    }
  } else {
    waiter.wake.notify(clock_.until(Cycles(awaited.finished_at + 1)));
  }
}

CommandId Scoreboard::finished_below() const {
  const auto open = std::find_if(entries_.begin(), entries_.end(),
                                 [&](const Entry& entry) { return !seen(entry); });
  return first_ + static_cast<CommandId>(open - entries_.begin());
}

std::size_t Scoreboard::unfinished() {
  std::erase_if(unseen_, [now = clock_.now().count()](std::int64_t at) { return at < now; });
  return unfinished_ + unseen_.size();
}

sc_core::sc_event& Scoreboard::progress() {
  if (unfinished() > unfinished_) {
    const std::int64_t next = *std::min_element(unseen_.begin(), unseen_.end());
    progress_.notify(clock_.until(Cycles(next + 1)));
  }
  return progress_;
}

bool Scoreboard::over(std::uint32_t group) const {
  if (group >= closed_groups_) return false;
  const auto found = groups_.find(group);
  if (found == groups_.end()) return true;  // without commands
  return found->second.unfinished == 0 && found->second.last_finish < clock_.now().count();
}

std::uint32_t Scoreboard::finished_groups() {
  while (over(finished_groups_)) ++finished_groups_;
  return finished_groups_;
}

Scoreboard::Span Scoreboard::take_span(std::uint32_t group) {
  const auto node = groups_.extract(group);
  if (node.empty()) return {};
  const auto [begin, finish] = std::pair(node.mapped().first_begin, node.mapped().last_finish);
  return {Cycles(begin), Cycles(finish - begin)};
}

}  // namespace mxsim
