#include "sim/control/sequencer.h"

#include <algorithm>
#include <array>
#include <utility>

#include "models/mapping/program/hand_out.h"

namespace mxsim {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const ClockDomain& clock,
                     Scoreboard& scoreboard, std::vector<CommandUnit*> units, Groups groups,
                     const SequencerSpec& spec)
    : sc_module(name),
      clock_(clock),
      scoreboard_(scoreboard),
      units_(std::move(units)),
      groups_(std::move(groups)),
      spec_(spec) {
  SC_THREAD(run);
}

void Sequencer::hand_out(Program piece) {
  struct Queue {
    std::vector<CommandId> commands;
    std::vector<Cycles> issued;
  };
  std::array<Queue, kUnitCount> queues;
  CommandId id = piece.first;
  issued_ = std::max(issued_, clock_.now());
  for (const Command& command : piece.commands) {
    issued_ += Cycles(spec_.issue_cycles);
    Queue& queue = queues[static_cast<std::size_t>(command.unit)];
    queue.commands.push_back(id++);
    queue.issued.push_back(issued_);
  }
  scoreboard_.append(std::move(piece));
  for (CommandUnit* unit : units_) {
    const Queue& queue = queues[static_cast<std::size_t>(unit->unit())];
    unit->assign(queue.commands, queue.issued);
  }
}

void Sequencer::end_turns() {
  const std::uint32_t until = std::max(scoreboard_.finished_groups(), scoreboard_.leading_group());
  for (; turn_ < until; ++turn_) {
    GroupResult& result = results_.emplace_back();
    result.cycles = clock_.now() - std::exchange(turn_began_, clock_.now());
    for (CommandUnit* unit : units_) {
      result.activity[static_cast<std::size_t>(unit->unit())] = unit->take_activity();
    }
  }
}

void Sequencer::report_finished() {
  for (; reported_ < scoreboard_.finished_groups(); ++reported_) {
    const Scoreboard::Span span = scoreboard_.take_span(reported_);
    results_.front().began = span.begin;
    results_.front().span = span.length;
    results_.front().counts = groups_.counts(reported_);
    groups_.finished(reported_, results_.front());
    results_.pop_front();
  }
}

bool Sequencer::wants_more() const {
  if (groups_.source.done()) return false;
  return scoreboard_.unfinished() < hand_out_window(groups_.source.overlap());
}

void Sequencer::run() {
  while (true) {
    end_turns();
    report_finished();
    if (wants_more()) {
      hand_out(groups_.source.next(scoreboard_.finished_below()));
    } else if (scoreboard_.unfinished() > 0) {
      wait(scoreboard_.progress() | scoreboard_.new_leader());
    } else {
      break;
    }
  }
  finished_ = true;
}

}  // namespace mxsim
