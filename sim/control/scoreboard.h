#pragma once

#include <optional>
#include <systemc>
#include <vector>

#include "models/core/units.h"
#include "models/mapping/program.h"
#include "sim/kernel/clock_domain.h"

namespace mxsim {

/// Which commands of the current program are finished. A command that finishes in cycle t is seen
/// by other units from cycle t + 1 on, so the order in which units run within a cycle cannot
/// matter.
class Scoreboard {
 public:
  explicit Scoreboard(const ClockDomain& clock) : clock_(clock) {}

  /// Forgets the old program. `program` must live until the next call.
  void start(const Program& program);
  const Program& program() const { return *program_; }

  void finish(CommandId id);
  /// The first of the command's dependencies that is not seen as finished, if any.
  std::optional<CommandId> missing(CommandId id) const;
  /// Notifies `wake` when command `id` is seen as finished.
  void wait_for(CommandId id, sc_core::sc_event& wake);
  bool all_finished() const { return unfinished_ == 0; }
  /// Notified in the cycle after the last command's last.
  sc_core::sc_event& all_finished_event() { return all_finished_event_; }

 private:
  bool seen(CommandId id) const;

  static constexpr std::int64_t kUnfinished = -1;

  const ClockDomain& clock_;
  const Program* program_ = nullptr;
  std::vector<std::int64_t> finished_at_;
  std::vector<std::vector<sc_core::sc_event*>> waiters_;
  std::size_t unfinished_ = 0;
  sc_core::sc_event all_finished_event_;
};

}  // namespace mxsim
