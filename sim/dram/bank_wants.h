#pragma once

#include <cstdint>
#include <vector>

#include "sim/dram/bank_states.h"
#include "sim/dram/request_queue.h"

namespace mxsim {

/// What the requests of one direction need next of one bank.
struct BankWant {
  int slot = RequestQueue::kNone;  ///< of the request that needs it; kNone: nothing
  DramCommand command = DramCommand::kActivate;
  std::int64_t row = 0;
  std::uint64_t age = 0;
  bool contested = false;  ///< some request needs another row than the open one

  std::size_t rank_command = 0;  ///< numbers the pairs of rank and command
  std::int64_t bound = 0;        ///< the command cannot be over before; kept by the user
};

/// The next command of each bank under FR-FCFS, worked out again only when the bank or its
/// requests have changed: a column command for the oldest hit, unless an older request for another
/// row waits and the row has had `hit_cap` of them; else the way to the oldest other row.
class BankWants {
 public:
  BankWants(const RequestQueue& queue, const BankStates& banks, DramCommand column,
            std::int64_t hit_cap);

  /// Requests of this age and younger do not count.
  void set_limit(std::uint64_t age);
  /// The state of the bank has changed.
  void bank_changed(int bank) { kept_[static_cast<std::size_t>(bank)].version = kStale; }
  BankWant& of(int bank) {
    Kept& kept = kept_[static_cast<std::size_t>(bank)];
    if (kept.version != queue_.version(bank)) work_out(bank, kept);
    return kept.want;
  }

 private:
  static constexpr std::uint64_t kStale = 0;
  struct Kept {
    BankWant want;
    std::uint64_t version = kStale;
  };
  void work_out(int bank, Kept& kept);

  const RequestQueue& queue_;
  const BankStates& banks_;
  DramCommand column_;
  std::int64_t hit_cap_;
  std::uint64_t limit_ = UINT64_MAX;
  std::vector<Kept> kept_;
};

}  // namespace mxsim
