#pragma once

#include <deque>
#include <map>
#include <optional>
#include <systemc>
#include <vector>

#include "models/core/units.h"
#include "models/mapping/program/program.h"
#include "sim/kernel/clock_domain.h"
#include "sim/kernel/stall_source.h"

namespace mxsim {

/// Somebody who waits for a command.
class CommandWaiter {
 public:
  virtual ~CommandWaiter() = default;
  /// Called in the cycle in which the command finishes, before it is seen.
  virtual void awaited_finished(CommandId id) = 0;
  /// Notified when the command is seen as finished.
  sc_core::sc_event wake;
};

/// Which of the commands handed out so far are finished. A command that finishes in cycle t is seen
/// by others from cycle t + 1 on, or as much later as its completion stalls, so the order in which
/// units run within a cycle cannot matter.
class Scoreboard {
 public:
  /// All outlive the scoreboard; `stalls` may be null.
  Scoreboard(const ClockDomain& clock, const OpList& ops, const StallSource* stalls)
      : clock_(clock), ops_(ops), stalls_(stalls) {}

  /// Takes over the next piece of the run's commands, and forgets finished ones at the front.
  void append(Program piece);
  /// Of a command that is not finished.
  const Command& command(CommandId id) const { return entry(id).command; }

  void begin(CommandId id);
  void finish(CommandId id);
  /// The first of the command's dependencies that is not seen as finished, if any.
  std::optional<CommandId> missing(CommandId id) const;
  /// Tells `waiter` of the end of command `id`, which is not seen yet.
  void wait_for(CommandId id, CommandWaiter& waiter);
  /// Whether a command that is not seen as finished has finished.
  bool is_finished(CommandId id) const { return entry(id).finished_at != kUnfinished; }

  /// All commands below are seen as finished.
  CommandId finished_below() const;
  /// Commands that are not seen as finished.
  std::size_t unfinished();
  /// Groups 0 to this number less one are seen as finished.
  std::uint32_t finished_groups();
  struct Span {
    Cycles begin{0};
    Cycles length{0};
  };
  /// From the beginning of a finished group's first command to the end of its last; once.
  Span take_span(std::uint32_t group);
  /// The last group whose own work has begun: array commands, or vector and re-quantization
  /// commands of a group without GEMM.
  std::uint32_t leading_group() const { return leading_group_; }
  /// Notified when it changes, in the same cycle.
  sc_core::sc_event& new_leader() { return new_leader_; }
  /// Notified when another command is seen as finished.
  sc_core::sc_event& progress();

 private:
  struct Entry {
    Command command;
    std::int64_t finished_at = kUnfinished;  ///< last cycle in which it is not seen
    std::vector<CommandWaiter*> waiters = {};
  };
  struct Group {
    std::size_t unfinished = 0;
    std::int64_t first_begin = INT64_MAX;  ///< cycle
    std::int64_t last_finish = 0;          ///< the latest finished_at
  };

  static constexpr std::int64_t kUnfinished = -1;

  const Entry& entry(CommandId id) const { return entries_.at(id - first_); }
  Entry& entry(CommandId id) { return entries_.at(id - first_); }
  bool seen(const Entry& entry) const;
  bool over(std::uint32_t group) const;
  bool leads(const Command& command) const;

  const ClockDomain& clock_;
  const OpList& ops_;
  const StallSource* stalls_;
  std::deque<Entry> entries_;
  CommandId first_ = 0;  ///< of entries_.front()
  std::size_t unfinished_ = 0;
  std::vector<std::int64_t> unseen_;       ///< finished_at of commands that are not seen yet
  std::map<std::uint32_t, Group> groups_;  ///< with commands
  std::uint32_t closed_groups_ = 0;
  std::uint32_t leading_group_ = 0;
  std::uint32_t finished_groups_ = 0;
  sc_core::sc_event new_leader_;
  sc_core::sc_event progress_;
};

}  // namespace mxsim
