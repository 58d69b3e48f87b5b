#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/dram/dram_run.h"
#include "sim/dram/burst_sink.h"

namespace mxsim {

/// The bursts of one direction that wait in one channel, kept as runs: segments are made when the
/// scheduler's window reaches them. The window is the oldest `window` bursts. Entries are linked
/// by age, over all banks and within each bank.
class RequestQueue {
 public:
  RequestQueue(std::int64_t window, std::size_t banks);

  static constexpr int kNone = -1;

  struct Entry {
    DramSegment segment;
    std::uint64_t request = 0;
    std::uint64_t age = 0;  ///< greater in younger entries
    BurstOwner owner = BurstOwner::kOneRequest;
    std::int32_t line = 0;  ///< within each burst, of single bursts longer than a line
    int younger = kNone;
    int older = kNone;
    int younger_of_bank = kNone;
    int older_of_bank = kNone;
  };

  /// `cursor` walks all of `run`, which has `bursts` in this channel.
  void push(const RunCursor& cursor, const DramRun& run, std::uint64_t request,
            std::int64_t bursts);
  /// A single burst; continues the youngest entry where place and request number follow on.
  void push(const DramAddress& place, std::int32_t line, std::uint64_t request);
  /// `count` bursts of the entry in `slot` are served.
  void serve(int slot, std::int64_t count);

  bool has_room() const { return loaded_ < window_; }
  bool empty() const { return oldest_ == kNone; }
  /// Slots of entries that reach into the window, and perhaps beyond it in the youngest one.
  const Entry& entry(int slot) const { return entries_[at(slot)]; }
  int oldest() const { return oldest_; }
  int oldest_of_bank(int bank) const { return banks_[at(bank)].oldest; }
  /// Banks whose entries have changed, and those noted by touch(), since the last forget_touched().
  const std::vector<int>& touched() const { return touched_; }
  void touch(int bank) {
    if (banks_[at(bank)].touched) return;
    banks_[at(bank)].touched = true;
    touched_.push_back(bank);
  }
  void forget_touched() {
    for (int bank : touched_) banks_[at(bank)].touched = false;
    touched_.clear();
  }
  /// The entry that holds this line of this burst, or kNone.
  int find(const DramAddress& place, std::int32_t line) const;

  /// A run whose request is the oldest here: all entries are its, and there is more.
  bool has_stream() const {
    return front_read_ && outstanding_.front().request == sources_.front().request;
  }
  std::uint64_t stream_request() const { return sources_.front().request; }
  std::int64_t stream_bursts() const { return outstanding_.front().bursts; }
  /// Bursts that all of it had, those that are served included.
  std::int64_t stream_length() const { return sources_.front().bursts; }
  const RunCursor& stream_cursor() const { return sources_.front().cursor; }
  const DramRun& stream_run() const { return sources_.front().run; }
  /// What was last read from the run.
  const DramSegment& stream_last() const { return last_read_; }
  /// `bursts` of the stream have been served and `waiting` are the next ones, oldest first; the
  /// last burst that was read from it is `last`, and `cursor` walks the rest.
  void move_stream(std::int64_t bursts, const std::vector<DramSegment>& waiting,
                   const DramSegment& last, const RunCursor& cursor);

  /// The age of the next entry; consecutive within a queue.
  std::uint64_t next_age() const { return next_age_; }
  /// An entry that was the `behind`-th last one when it was loaded (1: the last).
  struct Waiting {
    DramSegment segment;
    std::int64_t behind;
  };
  /// `bursts` of the stream have been served and `loaded` further segments read, up to `position`,
  /// the last one being `last`; `waiting` are left, oldest first.
  void move_run(std::int64_t bursts, std::int64_t loaded, const std::vector<Waiting>& waiting,
                const DramSegment& last, const RunCursor::Position& position);

  /// Some entry is in this row.
  bool wants_row(int bank, std::int64_t row) const;

  /// Bursts of all entries.
  std::int64_t loaded() const { return loaded_; }
  /// Bursts in the window.
  std::int64_t level() const { return loaded_ < window_ ? loaded_ : window_; }
  /// Bursts that can be served before the window shows a new segment.
  std::int64_t steady_bursts() const { return loaded_ - (sources_.empty() ? 0 : window_); }
  /// Bursts that can be served before the level falls to `floor`; "many" while more are to come.
  std::int64_t bursts_above(std::int64_t floor) const {
    return sources_.empty() ? loaded_ - floor : INT64_MAX;
  }

  /// Calls `visit(request, bursts)` for each unfinished request in order: at least that many
  /// bursts must be served before its last one has been.
  template <class Visit>
  void for_each_bound(Visit visit) const {
    std::int64_t before = 0;
    for (const Outstanding& o : outstanding_) {
      before += o.bursts;
      const std::int64_t bound = before - window_ + 1;
      visit(o.request, bound > o.bursts ? bound : o.bursts);
    }
  }

 private:
  struct Source {
    RunCursor cursor;
    DramRun run;
    std::uint64_t request;
    std::int64_t bursts;
  };
  struct Outstanding {
    std::uint64_t request;
    std::int64_t bursts;
  };
  struct Bank {
    int oldest = kNone;
    int youngest = kNone;
    bool touched = false;
  };

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  void refill();
  void append(const DramSegment& segment, std::uint64_t request, BurstOwner owner,
              std::int32_t line = 0);
  void remove(int slot);

  std::int64_t window_;
  std::int64_t loaded_ = 0;
  std::uint64_t next_age_ = 1;
  std::vector<Entry> entries_;
  std::vector<int> free_slots_;
  int oldest_ = kNone;
  int youngest_ = kNone;
  std::vector<Bank> banks_;
  std::vector<int> touched_;
  std::deque<Source> sources_;
  std::deque<Outstanding> outstanding_;
  bool front_read_ = false;  ///< something has been read from the first source
  DramSegment last_read_;    ///< from it
};

}  // namespace mxsim
