#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/burst_sink.h"
#include "sim/dram/idle_refresh.h"
#include "sim/dram/refresh_schedule.h"
#include "sim/dram/request_queue.h"
#include "sim/dram/run_channel.h"

namespace mxsim {

/// kBurst: one column command a step. kRun: a train of column commands to one row in one step
/// wherever nothing else can come between them; the result is the same.
enum class DramStepping : std::uint8_t { kBurst, kRun };

/// First-ready, first-come-first-served scheduling of one channel.
struct FrfcfsSpec {
  std::int64_t window = 32;       ///< bursts of each direction that the scheduler sees
  std::int64_t high_writes = 26;  ///< this many waiting writes end the turn of reads
  std::int64_t low_writes = 6;    ///< this few end the turn of writes
  std::int64_t turn = 32;         ///< bursts a direction may serve before it can lose its turn, and
                                  ///< after which writes do lose it
  std::int64_t hit_cap = 16;      ///< column commands after which an older conflict gets the bank
};

/// One channel under FR-FCFS, fed with runs or with single bursts. Of the commands that a request
/// in the window needs next, the one that leaves the bus first is issued, and of those the one
/// whose request is oldest. A row is closed only when no request in the window needs it.
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

  void push(DramAccess access, const DramRun& run, std::uint64_t request,
            std::int64_t visible) override;
  void for_each_bound(const BoundVisitor& visit) const override;

 private:
  struct Arrival {
    std::int64_t visible;
    DramAccess access;
    DramRun run;
    std::uint64_t request;
  };
  struct Candidate {
    DramCommand command = DramCommand::kActivate;
    int bank = 0;
    std::int64_t row = 0;
    std::size_t position = 0;
    std::int64_t start = INT64_MAX;
    std::int64_t end = INT64_MAX;  ///< one past its last bus cycle
    int priority = 0;
  };
  /// What one look over the window found out about a bank.
  struct Mark {
    std::uint64_t look = 0;
    bool hit = false;      ///< a request for the open row
    bool claimed = false;  ///< a request for another row

    std::size_t position = 0;  ///< of the claim
  };

  RequestQueue& queue(DramAccess access) { return access == DramAccess::kRead ? reads_ : writes_; }
  /// Makes the next decision before `until`, or moves time there.
  void step(std::int64_t until);
  void admit_arrivals();
  void choose_direction();
  /// Rows are opened only for requests that this turn can still serve.
  std::int64_t bursts_left_in_turn() const;
  void look();
  void look_at_refresh();
  void look_at_entry(std::size_t position);
  void look_at_claims();
  void consider(DramCommand command, int bank, std::int64_t row, std::size_t position,
                int priority);
  std::int64_t train_length(std::int64_t horizon) const;
  void issue(std::int64_t horizon);
  void issue_column(std::int64_t horizon);
  CausedCommands column_cost(std::uint64_t request, std::int64_t count) const;
  void record(std::int64_t first, std::int64_t gap, std::int64_t count);

  const AddressMap& map_;
  FrfcfsSpec spec_;
  DramStepping stepping_;
  int channel_;
  BurstSink& sink_;
  CommandLog* log_ = nullptr;

  TimingChecker timing_;
  BankStates banks_;
  RefreshSchedule refresh_;
  IdleRefresh idle_;
  RequestQueue reads_;
  RequestQueue writes_;
  std::deque<Arrival> arrivals_;

  std::array<std::int64_t, kDramCommandCount> bus_cycles_{};
  std::array<DramCommand, 2> column_{};       ///< by DramAccess
  std::array<std::int64_t, 2> column_gap_{};  ///< by DramAccess
  std::array<std::int64_t, 2> data_end_{};    ///< from command to end of data, by DramAccess
  std::int64_t least_gap_;
  bool uniform_columns_;  ///< no two column commands come closer than those to one bank
  bool has_precharge_all_;

  std::int64_t now_ = 0;
  DramAccess direction_ = DramAccess::kRead;
  std::int64_t served_in_turn_ = 0;

  std::vector<Mark> marks_;
  std::vector<int> claims_;  ///< banks with an open row that an entry wants closed
  std::uint64_t look_ = 0;
  Candidate best_;
  std::int64_t next_other_end_ = INT64_MAX;  ///< of the first candidate after the best
};

}  // namespace mxsim
