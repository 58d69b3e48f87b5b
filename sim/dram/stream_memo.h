#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/bank_turns.h"
#include "sim/dram/request_queue.h"
#include "sim/dram/state_nodes.h"

namespace mxsim {

/// What a channel that serves one run alone did before, so that it need not be worked out again.
/// Every kStride bursts the state of the channel is taken relative to the present cycle and to the
/// run's position, with banks as seen from there (bank_turns.h). From the same state and the same
/// addresses to come follow the same commands, as long as no refresh falls due and nothing arrives:
/// each such stretch is played once, and then remembered as a way from state to state.
class StreamMemo {
 public:
  struct Parts {
    TimingChecker& timing;
    BankStates& banks;
  };
  StreamMemo(const DramDevice& device, const AddressMap& map, int channel, Parts parts);

  /// What was left out.
  struct Advance {
    std::int64_t cycles = 0;
    std::int64_t bursts = 0;
    ChannelCounts counted;
  };
  /// Consecutive addresses, on a device whose rows are outermost.
  bool serves(const RequestQueue& queue) const;
  /// The queue's stream, which is served alone, can be followed at `now`.
  bool can_follow(const RequestQueue& queue, std::int64_t now) const;
  /// Bursts of it that are to be served before follow() is of use; at least 1.
  std::int64_t bursts_to_stop(const RequestQueue& queue) const;
  /// Right after a column command for it: moves the channel and the queue as far as is known and
  /// stays before `limit`.
  Advance follow(RequestQueue& queue, DramAccess access, std::int64_t now, std::int64_t limit);
  void activated(int bank) { activated_[static_cast<std::size_t>(bank)] = true; }
  /// Something else than the stream asked for a command.
  void interrupt() { begin_.node = kNone; }

 private:
  static constexpr int kNone = -1;
  static constexpr std::int64_t kStride = 16;
  /// Bursts of a run: of shorter ones the beginning and the end are all.
  static constexpr std::int64_t kLeastLength = 128;
  static constexpr std::int64_t kLeastLeft = 64;
  /// An open row that the run does not need any more.
  static constexpr std::int32_t kAway = INT32_MIN + 1;

  /// Of a bank, as seen from where the stretch began.
  struct BankChange {
    int bank;
    bool opened;  ///< in between: `columns` are all since then, else those in between
    std::int64_t columns;
    std::int64_t row;  ///< that was opened, from the row of the turn
  };
  struct Way {
    int tape;
    int to;
    std::int64_t cycles;
    std::int64_t numbers;  ///< by which the last burst read from the run moves on
    ChannelCounts counted;
    std::vector<BankChange> banks;
  };
  /// The next segments of a run, from a burst number on, as far as kStride bursts can need them.
  struct Tape {
    std::vector<std::int32_t> segments;
    std::int64_t reach;  ///< burst numbers
  };
  /// Where the stretch that is played now began.
  struct Begin {
    int node = kNone;
    int tape = kNone;
    std::uint64_t request = 0;
    std::int64_t served = 0;
    std::int64_t now = 0;
    std::int64_t last = 0;
    ChannelCounts counts;
  };

  static std::size_t index(int i) { return static_cast<std::size_t>(i); }
  int banks() const { return parts_.banks.ranks() * parts_.banks.banks_per_rank(); }
  std::int64_t row_of(std::int64_t number) const { return number >> row_shift_; }
  /// Bursts are numbered within the channel.
  std::int64_t number_of(const DramSegment& s) const {
    return map_.bursts_below(map_.encode({channel_, s.bank, s.row, s.burst}), channel_);
  }
  /// Of the last burst that was read from the run.
  std::int64_t last_number(const RequestQueue& queue) const {
    return map_.bursts_below(queue.stream_cursor().position().next, channel_) - 1;
  }
  /// A bank's row as seen from a burst, and back.
  std::int64_t distance(std::int64_t from, int bank, std::int64_t row) const {
    return row - row_of(from) - turns_->at(from).rows[index(bank)];
  }
  std::int64_t row_at(std::int64_t from, int bank, std::int64_t distance) const {
    return distance + row_of(from) + turns_->at(from).rows[index(bank)];
  }
  std::int64_t end_of(const RequestQueue& queue) const;
  /// The stream's bursts that have been served, and what lies before it.
  std::int64_t served_before(const RequestQueue& queue) const;
  /// kNone: the run ends on it, or addresses wrap.
  int tape_after(std::int64_t last, std::int64_t end);
  int read_tape(std::int64_t last);
  /// False if the state says too little about what will follow.
  bool take_state(const RequestQueue& queue, int tape, DramAccess access, std::int64_t now);
  bool rows_are_behind(std::int64_t last, int tape) const;
  /// Likewise.
  bool take_entries(const RequestQueue& queue, std::int64_t last);
  std::int32_t name_of(std::int64_t last, std::int64_t last_row, int bank, std::int64_t row) const;
  void take_banks();
  std::vector<BankChange> bank_changes() const;
  void apply(const Way& way, std::int64_t from);
  int node_of_state(std::int64_t now);
  const Way* way(int node, int tape) const;
  void begin(const RequestQueue& queue, int node, int tape, std::int64_t now);
  void remember(const RequestQueue& queue, int node, std::int64_t now);
  void put_back(RequestQueue& queue, int node, std::int64_t now, const Advance& advance,
                std::int64_t last);

  const AddressMap& map_;
  int channel_;
  Parts parts_;
  int row_shift_ = 0;         ///< of burst numbers; 0: rows are not outermost
  std::int64_t numbers_ = 0;  ///< burst numbers before addresses wrap
  std::vector<int> tape_of_;  ///< by burst number within rows after which banks repeat
  std::vector<Tape> tapes_;
  StateNodes<Way> nodes_;
  std::optional<BankTurns> turns_;
  std::vector<std::int32_t> state_;
  std::vector<std::int32_t> entries_;  ///< part of the state
  std::vector<bool> awaited_;          ///< scratch: by bank, an entry waits in its open row
  std::vector<std::int64_t> columns_;  ///< by bank, at the begin
  std::vector<std::int64_t> rows_;     ///< likewise: open ones
  std::vector<bool> activated_;        ///< since the begin
  std::vector<DramSegment> waiting_;   ///< scratch
  Begin begin_;
};

}  // namespace mxsim
