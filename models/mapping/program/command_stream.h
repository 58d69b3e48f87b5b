#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "models/mapping/program/byte_history.h"
#include "models/mapping/program/program.h"

namespace mxsim {

/// The commands of a run in the order in which its groups are built. Transfers of one group wait
/// for those of earlier groups by the bytes they touch: a load for the stores of what it reads, a
/// store for the loads and stores of what it overwrites. Each DMA direction finishes its transfers
/// in order, so the newest of them stands for all. Within a group the builder says what comes
/// after what. A transfer that stays on the chip also moves its bytes through the input buffer.
///
/// The end of a group (its last epilogue) may be postponed until the next group has queued its
/// first fetches.
class CommandStream {
 public:
  /// Commands added from now on belong to group `group`, but for those of a postponed end.
  void begin_group(std::uint32_t group);
  /// Appends the command with its dependencies on earlier groups; returns its id.
  CommandId add(Command command);

  /// `end` adds the last commands of the current group; `writes` covers what they store. It runs
  /// when a transfer touches those bytes, when write_postponed() is called, or when another group
  /// has begun and ended.
  void postpone(std::function<void()> end, std::vector<ByteRange> writes);
  /// Runs the postponed end, if there is one.
  void write_postponed();

  /// The newest command of earlier groups that stores any byte of the runs (the largest id for one
  /// that is postponed), for choosing what to fetch first.
  std::optional<CommandId> newest_store(const std::vector<DramRun>& runs) const;

  /// The commands since the last call. Everything below `finished_below` is finished.
  Program take(CommandId finished_below);

 private:
  struct Access {
    bool is_store;
    CommandId command;
    std::vector<ByteRange> ranges;
  };
  CommandId append(Command command);
  CommandId add_transfer(Command command, std::vector<ByteRange> ranges);
  bool touches_postponed(const std::vector<ByteRange>& ranges) const;
  /// Makes the transfer wait for what earlier groups did to its bytes.
  void add_hazards(Command& command, const std::vector<ByteRange>& ranges) const;
  void record(const Access& access);
  void record_own();
  void forget_finished(CommandId finished_below);

  std::uint32_t group_ = 0;
  bool settling_ = false;
  Program piece_;
  ByteHistory loads_;
  ByteHistory stores_;
  std::vector<Access> own_;  ///< of the current group: recorded when the next one begins
  std::function<void()> postponed_;
  std::uint32_t postponed_group_ = 0;
  std::vector<ByteRange> postponed_writes_;
  std::size_t kept_entries_ = 0;
};

}  // namespace mxsim
