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
};

/// The banks of one rank that need the same command next, in no order.
struct WantGroup {
  struct Claim {
    int bank = 0;
    std::uint64_t age = 0;
    std::int64_t bound = 0;  ///< the command cannot be over before; kept by the user
  };
  int rank = 0;
  DramCommand command = DramCommand::kActivate;
  std::vector<Claim> claims;
};

/// The next command of each bank under FR-FCFS, worked out again only when the bank or its
/// requests have changed: a column command for the oldest hit, unless an older request for another
/// row waits and the row has had `hit_cap` of them; else the way to the oldest other row.
class BankWants {
 public:
  BankWants(RequestQueue& queue, const BankStates& banks, DramCommand column, std::int64_t hit_cap);

  /// The state of the bank has changed.
  void bank_changed(int bank) { queue_.touch(bank); }
  /// Banks that update() has to see to.
  const std::vector<int>& changed() const { return queue_.touched(); }
  /// Makes everything below true of the present.
  void update();

  const BankWant& of(int bank) const { return states_[at(bank)].want; }
  bool is_ready(int bank) const {
    const BankWant& want = of(bank);
    return want.slot != RequestQueue::kNone && want.command == column_;
  }
  /// Bursts of the entries that only need column commands, one entry a bank.
  std::int64_t ready_bursts() const { return ready_; }
  /// `count` bursts of the bank's entry are about to be served.
  void serve(int bank, std::int64_t count) {
    states_[at(bank)].ready -= count;
    ready_ -= count;
  }
  std::vector<WantGroup>& groups() { return groups_; }
  WantGroup& group_of(int bank) { return groups_[states_[at(bank)].group]; }
  WantGroup::Claim& claim_of(int bank) { return group_of(bank).claims[states_[at(bank)].claim]; }

 private:
  struct State {
    BankWant want;
    std::size_t group = 0;
    std::size_t claim = 0;   ///< in the group, while something is wanted
    std::int64_t ready = 0;  ///< part of ready_
  };
  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  std::size_t group_index(int rank, DramCommand command) const;
  BankWant work_out(int bank) const;
  void leave_group(State& state);
  void join_group(int bank, State& state);

  RequestQueue& queue_;
  const BankStates& banks_;
  DramCommand column_;
  std::int64_t hit_cap_;
  std::int64_t ready_ = 0;
  std::vector<State> states_;
  std::vector<WantGroup> groups_;
};

}  // namespace mxsim
