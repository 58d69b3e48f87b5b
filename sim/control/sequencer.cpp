#include "sim/control/sequencer.h"

#include <array>
#include <deque>
#include <utility>

namespace mxsim {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const ClockDomain& clock,
                     Scoreboard& scoreboard, std::vector<CommandUnit*> units,
                     std::function<UnitCounts()> counts, Groups groups)
    : sc_module(name),
      clock_(clock),
      scoreboard_(scoreboard),
      units_(std::move(units)),
      counts_(std::move(counts)),
      groups_(std::move(groups)) {
  SC_THREAD(run);
}

void Sequencer::hand_out(const Program& program) {
  scoreboard_.start(program);
  std::array<std::deque<CommandId>, kUnitCount> queues;
  for (CommandId id = 0; id < program.commands.size(); ++id) {
    queues[static_cast<std::size_t>(program.commands[id].unit)].push_back(id);
  }
  for (CommandUnit* unit : units_) {
    unit->assign(std::move(queues[static_cast<std::size_t>(unit->unit())]));
  }
}

void Sequencer::run() {
  UnitCounts before = counts_();
  for (std::size_t index = 0; index < groups_.count; ++index) {
    const Cycles start = clock_.now();
    const Program program = groups_.program(index);
    if (!program.commands.empty()) {
      hand_out(program);
      wait(scoreboard_.all_finished_event());
    }
    GroupResult result;
    result.cycles = clock_.now() - start;
    const UnitCounts now = counts_();
    result.counts = now.since(before);
    before = now;
    for (CommandUnit* unit : units_) {
      result.activity[static_cast<std::size_t>(unit->unit())] = unit->take_activity();
    }
    groups_.finished(index, result);
  }
  finished_ = true;
}

}  // namespace mxsim
