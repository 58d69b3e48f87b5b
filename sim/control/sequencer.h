#pragma once

#include <deque>
#include <functional>
#include <systemc>
#include <vector>

#include "models/chip/sequencer_spec.h"
#include "models/mapping/program/command_source.h"
#include "sim/control/command_unit.h"

namespace mxsim {

/// What one group did.
struct GroupResult {
  Cycles cycles{0};  ///< of its turn (see Sequencer)
  Cycles began{0};   ///< when its first command began
  Cycles span{0};    ///< from the beginning of its first command to the end of its last
  UnitCounts counts;
  std::array<UnitActivity, kUnitCount> activity{};
};

/// Hands each unit its commands, group after group, and takes the issue time for each, in order of
/// the program. With overlap the next group is handed out while
/// few commands are left, so that no unit runs out of work it could begin; without, when all are
/// finished.
///
/// The run's cycles are divided among the groups: a group's turn ends when all its commands are
/// seen as finished, or earlier, when a later group's own work begins (Scoreboard::leading_group).
/// Its cycles run from the end of the turn before, so they add up to the total, and all its array
/// work lies in them. Units' activity is that of these cycles, whomever they work for; events are
/// those of the group's commands, whenever they ran.
class Sequencer : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Sequencer);

  struct Groups {
    CommandSource& source;
    /// All that was counted for a group that has just finished.
    std::function<UnitCounts(std::uint32_t)> counts;
    std::function<void(std::uint32_t, const GroupResult&)> finished;
  };

  /// `source` outlives the sequencer.
  Sequencer(const sc_core::sc_module_name& name, const ClockDomain& clock, Scoreboard& scoreboard,
            std::vector<CommandUnit*> units, Groups groups, const SequencerSpec& spec = {});

  bool finished() const { return finished_; }

 private:
  void run();
  void end_turns();
  void report_finished();
  bool wants_more() const;
  void hand_out(Program piece);

  const ClockDomain& clock_;
  Scoreboard& scoreboard_;
  std::vector<CommandUnit*> units_;
  Groups groups_;
  SequencerSpec spec_;
  Cycles issued_{0};        ///< when the last command reaches its unit
  std::uint32_t turn_ = 0;  ///< group
  Cycles turn_began_{0};
  std::uint32_t reported_ = 0;       ///< groups
  std::deque<GroupResult> results_;  ///< of groups whose turn is over and that are not reported
  bool finished_ = false;
};

}  // namespace mxsim
