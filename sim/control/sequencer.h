#pragma once

#include <functional>
#include <systemc>
#include <vector>

#include "models/mapping/program.h"
#include "sim/control/command_unit.h"

namespace mxsim {

/// What one group did.
struct GroupResult {
  Cycles cycles{0};
  UnitCounts counts;
  std::array<UnitActivity, kUnitCount> activity{};
};

/// Runs the groups of a program source one after another: hands each unit its commands and waits
/// until all are finished. A group's cycles run from the hand-out to the hand-out of the next, so
/// they add up to the total.
class Sequencer : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Sequencer);

  /// The commands of group `index`, and what is called when it is finished. Both outlive the
  /// sequencer.
  struct Groups {
    std::size_t count = 0;
    std::function<Program(std::size_t)> program;
    std::function<void(std::size_t, const GroupResult&)> finished;
  };

  Sequencer(const sc_core::sc_module_name& name, const ClockDomain& clock, Scoreboard& scoreboard,
            std::vector<CommandUnit*> units, std::function<UnitCounts()> counts, Groups groups);

  bool finished() const { return finished_; }

 private:
  void run();
  void hand_out(const Program& program);

  const ClockDomain& clock_;
  Scoreboard& scoreboard_;
  std::vector<CommandUnit*> units_;
  std::function<UnitCounts()> counts_;
  Groups groups_;
  bool finished_ = false;
};

}  // namespace mxsim
