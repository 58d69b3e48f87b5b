#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/dram/timing_checker.h"
#include "sim/dram/bank_states.h"
#include "sim/dram/burst_sink.h"
#include "sim/dram/channel_scheduler.h"
#include "sim/dram/idle_refresh.h"
#include "sim/dram/progress_watch.h"
#include "sim/dram/refresh_schedule.h"

namespace mxsim {

struct BankQueueSpec {
  std::size_t transactions = 32;  ///< of each direction
  std::size_t bank_commands = 8;  ///< in the queue of one bank
  std::size_t early_drain = 8;    ///< more waiting writes than this drain when all banks idle
  std::int64_t hit_limit = 4;     ///< column commands after which an older conflict may close
};

/// One channel with queues on two levels, as DRAMsim3 (Li et al., IEEE CAL 2020) arranges them: in
/// each cycle at most one transaction moves from the read or write queue to the command queue of
/// its bank, and the first ready command of the banks in turn is issued. Writes are posted and
/// drained in batches; accesses to the same burst are merged.
class BankQueueChannel : public ChannelScheduler {
 public:
  BankQueueChannel(const DramDevice& device, const AddressMap& map, const BankQueueSpec& spec,
                   int channel, BurstSink& sink);

  void log_to(CommandLog* log) override { log_ = log; }
  bool has_room(DramAccess access) const override;
  void add(const BurstRequest& burst) override;
  void advance(std::int64_t until) override;
  void advance_to_room(DramAccess access, std::int64_t until) override;
  void drain() override;
  std::int64_t now() const override { return now_; }
  ChannelCounts counts(std::int64_t cycle) const override { return banks_.counts(cycle); }

 private:
  struct Access {
    DramCommand column;  ///< the command that completes it
    std::int64_t byte_address;
    DramAddress place;
  };
  using Accesses = std::deque<Access>;
  struct Command {
    DramCommand command;
    int bank;
    std::int64_t row;
    std::int64_t burst;
    std::int64_t byte_address;
    std::size_t position;  ///< of its access in the bank's queue, for column commands
  };

  /// Jumps over cycles in which nothing can change.
  void rest(std::int64_t until);
  void tick();
  /// Throws InternalError, which says who waits for whom.
  void end_if_stuck();
  void note_due_refreshes();
  std::int64_t next_useful_cycle() const;
  std::optional<Command> refresh_command() const;
  /// The next command of the bank queues in turn.
  std::optional<Command> next_command();
  bool may_precharge(const Accesses& queue, std::size_t position) const;
  bool read_before(const Accesses& queue, std::size_t position) const;
  DramCommand required(const Access& access) const;
  bool ready(DramCommand command, int bank) const;
  void issue(const Command& command);
  void complete(const Command& command);
  /// True if anything changed.
  bool move_transaction();
  /// The oldest whose bank has room.
  Accesses::iterator first_movable(Accesses& waiting);
  bool move_to_bank(Accesses& waiting, Accesses::iterator access);

  const AddressMap& map_;
  BankQueueSpec spec_;
  PagePolicy page_policy_;
  int channel_;
  BurstSink& sink_;
  CommandLog* log_ = nullptr;
  bool two_buses_;
  std::int64_t read_end_;
  std::int64_t write_end_;

  TimingChecker timing_;
  BankStates banks_;
  RefreshSchedule refresh_;
  IdleRefresh idle_refresh_;
  ProgressWatch watch_;
  std::deque<int> refresh_order_;  ///< ranks in the order they fell due

  Accesses reads_;
  Accesses writes_;
  std::vector<Accesses> queues_;  ///< by bank
  std::size_t queued_ = 0;
  std::size_t last_queue_ = 0;
  std::size_t draining_ = 0;
  std::unordered_map<std::int64_t, std::vector<std::uint64_t>> pending_reads_;
  std::unordered_map<std::int64_t, std::uint64_t> pending_writes_;
  std::int64_t now_ = 0;
  bool flushing_ = false;  ///< no more requests will come
  bool idle_ = false;      ///< the last tick changed nothing
};

}  // namespace mxsim
