#include "sim/control/scoreboard.h"

#include "models/core/error.h"

namespace mxsim {

void Scoreboard::start(const Program& program) {
  ensure(unfinished_ == 0, "a program is replaced before it is finished");
  program_ = &program;
  finished_at_.assign(program.commands.size(), kUnfinished);
  waiters_.assign(program.commands.size(), {});
  unfinished_ = program.commands.size();
}

void Scoreboard::finish(CommandId id) {
  ensure(finished_at_.at(id) == kUnfinished, "a command finishes twice");
  const Cycles now = clock_.now();
  finished_at_[id] = now.count();
  const sc_core::sc_time next = clock_.until(now + Cycles(1));
  for (sc_core::sc_event* wake : waiters_[id]) wake->notify(next);
  waiters_[id].clear();
  if (--unfinished_ == 0) all_finished_event_.notify(next);
}

bool Scoreboard::seen(CommandId id) const {
  return finished_at_[id] != kUnfinished && finished_at_[id] < clock_.now().count();
}

std::optional<CommandId> Scoreboard::missing(CommandId id) const {
  for (const CommandId dependency : program_->commands[id].after) {
    if (!seen(dependency)) return dependency;
  }
  return std::nullopt;
}

void Scoreboard::wait_for(CommandId id, sc_core::sc_event& wake) {
  if (finished_at_[id] == kUnfinished) {
    std::vector<sc_core::sc_event*>& waiters = waiters_[id];
    if (waiters.empty() || waiters.back() != &wake) waiters.push_back(&wake);
  } else {
    wake.notify(clock_.until(Cycles(finished_at_[id] + 1)));
  }
}

}  // namespace mxsim
