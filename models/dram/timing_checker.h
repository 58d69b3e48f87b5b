#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <span>
#include <vector>

#include "models/dram/dram_device.h"

namespace mxsim {

/// The timing rules of one channel, and its data buses: whatever the rules of the device leave out,
/// a burst begins after the end of the burst before on its pseudo-channel. Banks are numbered 0 ..
/// count(kBank) - 1, outer units first; a rank's command names any bank of the rank. The time of a
/// command is its last command-bus cycle; it starts `bus_cycles - 1` before.
class TimingChecker {
 public:
  explicit TimingChecker(const DramDevice& device);

  /// Earliest time that the rules allow, whatever the buses carry.
  std::int64_t earliest_time(DramCommand command, int bank) const;
  /// First cycle at or after which the command may begin on the bus.
  std::int64_t earliest_start(DramCommand command, int bank) const {
    return std::max(earliest_start_of_rank(command, bank), earliest_start_in_rank(command, bank));
  }
  /// The same from what the banks of a rank share: a lower limit for all of them.
  std::int64_t earliest_start_of_rank(DramCommand command, int bank) const {
    const auto bus = static_cast<std::size_t>(commands_[index(command)].bus);
    return std::max(bus_free_[bus], to_start(command, time_between(0, kInRank, command, bank)));
  }
  /// And from what its group and bank have of their own.
  std::int64_t earliest_start_in_rank(DramCommand command, int bank) const {
    return to_start(command, time_between(kInRank, kDramLevelCount, command, bank));
  }
  /// The command begins at `start`, which must not be before earliest_start. Starts on one bus
  /// never decrease.
  void issue(DramCommand command, int bank, std::int64_t start);
  /// As `count` issues at start, start + gap, ...: what the last one leaves behind.
  void issue_train(DramCommand command, int bank, std::int64_t start, std::int64_t gap,
                   std::int64_t count);

  /// Moves everything remembered by `cycles` into the future.
  void shift(std::int64_t cycles);

  /// Appends all that later answers depend on, as seen from `now`: equal when the answers will be.
  /// Bank order[i] is seen as bank i; banks of one node are banks of one node in that order too.
  void append_state(std::int64_t now, std::span<const int> order,
                    std::vector<std::int32_t>& state) const;
  /// Takes such a state back, from another `now` and in another order; returns one past its end.
  const std::int32_t* restore_state(std::int64_t now, std::span<const int> order,
                                    const std::int32_t* state);

 private:
  struct Rule {
    RuleScope scope;
    int shift;           ///< the level's
    int siblings_shift;  ///< log2 of the nodes that share the node above
    std::int64_t cycles;
    std::int64_t window;
    std::size_t first;    ///< place in ready_ of the level's first node
    std::size_t history;  ///< where its issue times begin, for window > 1
  };
  struct Level {
    int shift;  ///< bank number >> shift = node
    int parent_shift;
    std::size_t offset;  ///< of its nodes in ready_
    bool constrained;    ///< some rule speaks of it
  };

  /// What a rule decides for a node, named by its first bank.
  struct Decided {
    std::size_t first;  ///< place of the level's first node, in ready_ or history_
    int bank;
    int shift;           ///< the level's
    std::int64_t times;  ///< of a node, one after another; 0: one of the node's commands
    auto operator<=>(const Decided&) const = default;
  };

  /// Of a node's command in ready_.
  static std::size_t place_of(std::size_t node, DramCommand command) {
    return node * kDramCommandCount + index(command);
  }
  /// Calls `visit(time, reach)` for all that later answers depend on: nothing that lies more than
  /// `reach` cycles back matters.
  template <class Checker, class Visit>
  static void visit_times(Checker& checker, std::span<const int> order, Visit visit);
  static constexpr std::size_t kInRank = index(DramLevel::kRank) + 1;
  std::int64_t time_between(std::size_t from, std::size_t to, DramCommand command, int bank) const {
    std::int64_t time = 0;
    for (std::size_t i = from; i < to; ++i) {
      const Level& level = levels_[i];
      if (!level.constrained) continue;
      const std::size_t node = level.offset + static_cast<std::size_t>(bank >> level.shift);
      time = std::max(time, ready_[place_of(node, command)]);
    }
    return time;
  }
  std::int64_t to_start(DramCommand command, std::int64_t time) const {
    return time - commands_[index(command)].bus_cycles + 1;
  }
  void add(const TimingRule& rule, const DramOrganisation& organisation);
  std::int64_t& ready(const Rule& rule, int node) {
    return ready_[rule.first + static_cast<std::size_t>(node) * kDramCommandCount];
  }
  void apply(const Rule& rule, int bank, std::int64_t time);
  void apply_to_others(const Rule& rule, int bank, std::int64_t time);
  void apply_window(const Rule& rule, int bank, std::int64_t time);

  std::array<CommandSpec, kDramCommandCount> commands_;
  std::array<Level, kDramLevelCount> levels_{};
  std::array<std::vector<Rule>, kDramCommandCount> rules_;  ///< by preceding command
  std::vector<std::int64_t> ready_;  ///< earliest time of each command of each node
  std::vector<Decided> decided_;
  std::vector<std::int64_t> history_;  ///< newest first
  std::int64_t reach_ = 0;             ///< cycles after which a command is forgotten
  std::array<std::int64_t, kCommandBusCount> bus_free_{};
};

}  // namespace mxsim
