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
  const Cycles now = clock_.now();
  done.finished_at = now.count();
  const sc_core::sc_time next = clock_.until(now + Cycles(1));
  for (CommandWaiter* waiter : std::exchange(done.waiters, {})) {
    waiter->awaited_finished(id);
    waiter->wake.notify(next);
  }
  Group& owner = groups_.at(done.command.group);
  --owner.unfinished;
  owner.last_finish = now.count();
  --unfinished_;
  finished_then_ = newest_finish_ == now.count() ? finished_then_ + 1 : 1;
  newest_finish_ = now.count();
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

std::size_t Scoreboard::unfinished() const {
  return unfinished_ + (newest_finish_ == clock_.now().count() ? finished_then_ : 0);
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
