#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/dram/frfcfs_spec.h"
#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/bank_wants.h"
#include "sim/dram/burst_sink.h"
#include "sim/dram/dram_stepping.h"
#include "sim/dram/idle_refresh.h"
#include "sim/dram/progress_watch.h"
#include "sim/dram/refresh_schedule.h"
#include "sim/dram/request_queue.h"
#include "sim/dram/run_channel.h"
#include "sim/dram/stream_memo.h"
#include "sim/dram/turn_memo.h"

namespace mxsim {

/// One channel under FR-FCFS, fed with runs or with single bursts. Of the commands that a request
/// in the window needs next, the one that leaves the bus first is issued, and of those the one
/// whose request is oldest. Directions take turns; rows open for the next
/// turn once the open ones suffice for this one. A row is closed only when no request that may use
/// it in this turn waits. A single
/// burst that a waiting write covers is answered from the queue where the policy forwards, and one
/// that would overwrite what a waiting read still has to see waits for that read; users of runs
/// order those themselves.
class FrfcfsChannel : public RunChannel {
 public:
  FrfcfsChannel(const DramDevice& device, const AddressMap& map, const FrfcfsSpec& spec,
                DramStepping stepping, int channel, BurstSink& sink);

  void log_to(CommandLog* log) override { log_ = log; }
  bool has_room(DramAccess access) const override {
    return access == DramAccess::kRead ? reads_.has_room() : writes_.has_room();
  }
  void add(const BurstRequest& burst) override;
  void advance(std::int64_t until) override;
  void advance_to_room(DramAccess access, std::int64_t until) override;
  std::int64_t now() const override { return now_; }
  void drain() override;
  ChannelCounts counts(std::int64_t cycle) const override { return banks_.counts(cycle); }

  void push(DramAccess access, const DramRun& run, std::int64_t bursts, std::uint64_t request,
            std::int64_t visible) override;
  void for_each_bound(const BoundVisitor& visit) const override;
  /// Bursts of states that were repeated instead of stepped.
  std::int64_t fast_forwarded() const { return fast_forwarded_; }

 private:
  struct Arrival {
    std::int64_t visible;
    DramAccess access;
    DramRun run;
    std::int64_t bursts;
    std::uint64_t request;
  };
  struct Candidate {
    DramCommand command = DramCommand::kActivate;
    int bank = 0;
    std::int64_t row = 0;
    int slot = RequestQueue::kNone;
    DramAccess access = DramAccess::kRead;  ///< whose queue has the slot
    std::int64_t start = INT64_MAX;
    std::int64_t end = INT64_MAX;  ///< one past its last bus cycle
    std::uint64_t age = 0;         ///< among commands that are over at the same time
  };
  RequestQueue& queue(DramAccess access) { return access == DramAccess::kRead ? reads_ : writes_; }
  const RequestQueue& own_queue() const {
    return direction_ == DramAccess::kRead ? reads_ : writes_;
  }
  BankWants& own_wants() { return wants_[index(direction_)]; }
  const BankWants& own_wants() const { return wants_[index(direction_)]; }
  BankWants& other_wants() { return wants_[1 - index(direction_)]; }
  /// Makes the next decision before `until`, or moves time there.
  void step(std::int64_t until);
  /// Throws InternalError, which says who waits for whom.
  void end_if_stuck();
  void admit_arrivals();
  /// Fast-forwards repeated states of long runs.
  void follow_runs(std::int64_t horizon);
  void follow_stream(std::int64_t horizon);
  void follow_turns(std::int64_t horizon);
  void tell_followed(const StreamMemo::Advance& advance);
  void tell_followed(DramAccess access, const TurnMemo::Advance& advance);
  void tell_caused(std::uint64_t request, const ChannelCounts& counted);
  void choose_direction();
  /// Waiting writes that are many enough end the turn of reads after a notice.
  void bound_read_turn();
  bool turn_is_over() const;
  bool reads_must_go_first() const;
  std::int64_t bursts_left_in_turn() const;
  /// The open rows have all that this turn can still serve: further rows are for the next one.
  bool rows_suffice() const { return own_wants().ready_bursts() >= bursts_left_in_turn(); }
  void update_wants();
  void look();
  /// True: best_ is still the best command. Re-evaluates only the banks that have changed.
  bool look_at_changes();
  void look_at_refresh();
  void look_at_wants(DramAccess access);
  void look_at_group(DramAccess access, WantGroup& group);
  void look_at_claim(DramAccess access, const WantGroup& group, WantGroup::Claim& claim,
                     std::int64_t floor);
  void look_at_changed_bank(DramAccess access, int bank);
  /// Commands of this kind may be issued for this direction's requests now.
  bool may_issue(DramAccess access, DramCommand command) const {
    return access == direction_ ? !rows_suffice_ || is_column(command)
                                : prepares_ && !is_column(command);
  }
  /// The other direction may not have the bank now: this turn serves its open row.
  bool is_taken(DramAccess access, int bank) const {
    return access != direction_ && own_wants().is_ready(bank);
  }
  bool must_wait_for_oldest(DramAccess access, DramCommand command, std::uint64_t age) const {
    if (spec_.activate_ahead || is_column(command)) return false;
    const RequestQueue& waiting = access == DramAccess::kRead ? reads_ : writes_;
    return age > waiting.entry(waiting.oldest()).age;
  }
  /// The earliest end of the group's command as far as the rank decides it.
  std::int64_t floor_of(const WantGroup& group) const;
  void look_at_timeouts();
  void look_at_power();
  bool rank_has_requests(int rank) const;
  void consider(DramCommand command, int bank, std::int64_t not_before, std::uint64_t age);
  std::int64_t next_other_end(std::int64_t horizon);
  std::int64_t next_other_end(DramAccess access, std::int64_t horizon);
  /// Bursts of best_'s entry before the window, the turn or a memo asks for a look; at least 1.
  std::int64_t entry_bursts() const;
  /// Column commands of best_'s bank before another command wins; at least 1.
  std::int64_t bursts_before_others(std::int64_t horizon);
  /// A train of column commands may go on with the next entry of the row.
  bool may_chain(const RequestQueue::Entry& entry) const;
  /// The next command is best_'s again, for the same request: nothing has changed but its bank,
  /// whose next entry `next` follows in age, so that all other commands compare to it as before.
  bool continues(std::uint64_t request, int next);
  void issue(std::int64_t horizon);
  void issue_column(std::int64_t horizon);
  void column_issued(const RequestQueue::Entry& entry, std::int64_t first, std::int64_t gap,
                     std::int64_t count);
  void serve(std::int64_t count);
  CausedCommands column_cost(std::uint64_t request, std::int64_t count) const;
  void banks_changed(DramCommand command, int bank);
  void record(std::int64_t first, std::int64_t gap, std::int64_t count);

  const AddressMap& map_;
  FrfcfsSpec spec_;
  DramStepping stepping_;
  PagePolicy page_policy_;
  std::int64_t page_timeout_;
  PowerDownSpec power_down_;
  int channel_;
  BurstSink& sink_;
  CommandLog* log_ = nullptr;

  TimingChecker timing_;
  BankStates banks_;
  RefreshSchedule refresh_;
  IdleRefresh idle_;
  ProgressWatch watch_;
  StreamMemo memo_;
  TurnMemo turn_memo_;
  bool remembers_;                ///< nothing but requests and refresh asks for commands
  bool following_ = false;        ///< the stream memo, which wants trains to stop at its states
  bool turn_following_ = false;   ///< the turn memo follows: trains stop at its boundaries
  bool turned_to_reads_ = false;  ///< in this step
  TurnMemo::Progress progress_;
  std::int64_t fast_forwarded_ = 0;
  bool after_column_ = false;  ///< no other decision and no wait since the last column command
  RequestQueue reads_;
  RequestQueue writes_;
  std::vector<BankWants> wants_;  ///< by DramAccess
  std::deque<Arrival> arrivals_;

  std::array<std::int64_t, kDramCommandCount> bus_cycles_{};
  std::array<DramCommand, 2> column_{};       ///< by DramAccess
  std::array<std::int64_t, 2> column_gap_{};  ///< by DramAccess
  std::array<std::int64_t, 2> data_end_{};    ///< from command to end of data, by DramAccess
  std::int64_t least_gap_;
  bool uniform_columns_;  ///< column commands to different banks keep the gap of one bank's
  bool has_precharge_all_;

  std::int64_t now_ = 0;
  DramAccess direction_ = DramAccess::kRead;
  std::int64_t served_in_turn_ = 0;
  std::int64_t read_turn_end_ = INT64_MAX;  ///< bursts; bounded once writes are urgent
  std::uint64_t reads_first_ = 0;           ///< reads up to this age are served before any write

  Candidate best_;
  bool rows_suffice_ = false;           ///< as of the last look
  bool prepares_ = false;               ///< likewise: rows are opened for the next turn
  bool best_holds_ = false;             ///< but for requests that came after the look
  std::vector<int> changed_;            ///< scratch: banks with such requests
  std::int64_t other_end_ = INT64_MAX;  ///< of candidates that no request makes, but the best
};

}  // namespace mxsim
