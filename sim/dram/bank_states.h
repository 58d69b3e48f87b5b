#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "models/dram/dram_device.h"
#include "sim/dram/channel_counts.h"

namespace mxsim {

/// Which rows of a channel are open and which ranks are powered down, and the counts that follow
/// from commands alone.
class BankStates {
 public:
  explicit BankStates(const DramDevice& device);

  static constexpr std::int64_t kClosed = -1;

  std::int64_t open_row(int bank) const { return banks_[at(bank)].open_row; }
  /// Column commands since the row was opened.
  std::int64_t columns(int bank) const { return banks_[at(bank)].columns; }
  /// The open row's activation followed a precharge.
  bool conflict(int bank) const { return banks_[at(bank)].conflict; }
  /// Cycle of the last command to the bank itself, or to the rank.
  std::int64_t last_command(int bank) const { return banks_[at(bank)].last_command; }
  std::int64_t last_rank_command(int rank) const { return ranks_[at(rank)].last_command; }
  bool powered_down(int rank) const { return ranks_[at(rank)].powered_down; }
  int rank_of(int bank) const { return bank >> rank_shift_; }
  int first_bank(int rank) const { return rank << rank_shift_; }
  int banks_per_rank() const { return 1 << rank_shift_; }
  int ranks() const { return static_cast<int>(ranks_.size()); }
  int open_banks(int rank) const { return ranks_[at(rank)].open_banks; }
  bool any_open() const;

  /// Records `count` commands of one kind, the last at `cycle`; more than one only for columns.
  void apply(DramCommand command, int bank, std::int64_t row, std::int64_t cycle,
             std::int64_t count = 1);

  /// Appends all that later commands and counts depend on, as seen from `now`: bank order[i] as
  /// bank i, rows as `name(bank, row)`, numbers of column commands up to `most_columns`. For
  /// devices without power-down; times of last commands are left out.
  template <class Name>
  void append_state(std::int64_t now, std::span<const int> order, Name name,
                    std::int64_t most_columns, std::vector<std::int32_t>& state) const {
    for (const int number : order) {
      const Bank& bank = banks_[at(number)];
      const bool closed = bank.open_row == kClosed;
      state.push_back(closed ? kNoRow : name(number, bank.open_row));
      state.push_back((bank.precharged ? 1 : 0) + (bank.conflict ? 2 : 0));
      state.push_back(static_cast<std::int32_t>(std::min(bank.columns, most_columns)));
    }
    append_ranks(now, order, state);
  }
  /// Takes such a state back, with rows as `row_of(bank, name)` and counts up to `now`; returns one
  /// past its end.
  template <class RowOf>
  const std::int32_t* restore_state(std::int64_t now, std::span<const int> order, RowOf row_of,
                                    const std::int32_t* state, const ChannelCounts& counts) {
    for (Rank& rank : ranks_) rank.open_banks = 0;
    for (const int number : order) {
      Bank& bank = banks_[at(number)];
      bank.open_row = state[0] == kNoRow ? kClosed : row_of(number, state[0]);
      bank.precharged = (state[1] & 1) != 0;
      bank.conflict = (state[1] & 2) != 0;
      bank.columns = state[2];
      if (state[0] != kNoRow) ++ranks_[at(rank_of(number))].open_banks;
      state += 3;
    }
    return restore_ranks(now, order, state, counts);
  }
  /// Column commands since each bank's row was opened, where a state said too little of them.
  void set_columns(const std::vector<std::int64_t>& columns) {
    for (std::size_t i = 0; i < banks_.size(); ++i) banks_[i].columns = columns[i];
  }

  /// Counts up to `cycle`.
  ChannelCounts counts(std::int64_t cycle) const;

  /// `times` repetitions of a span of `cycles` in which `counted` was counted, and which left
  /// everything as it was, lie between the past and what follows.
  void repeat(const ChannelCounts& counted, std::int64_t cycles, std::int64_t times);

 private:
  struct Bank {
    std::int64_t open_row = kClosed;
    std::int64_t columns = 0;
    std::int64_t last_command = 0;
    bool precharged = false;  ///< since the last refresh
    bool conflict = false;    ///< the open row's activation followed a precharge
  };
  struct Rank {
    int open_banks = 0;
    bool powered_down = false;
    std::int64_t last_command = 0;
    std::int64_t state_since = 0;  ///< of rows open and power; a command may still be on the bus
    std::int64_t ChannelCounts::*earlier = nullptr;  ///< counts the state before; null: closed
  };

  static constexpr std::int32_t kNoRow = INT32_MIN;

  static std::size_t at(int i) { return static_cast<std::size_t>(i); }
  static std::int64_t ChannelCounts::*counter_of(const Rank& rank);
  /// Adds the time in the rank's present state up to `cycle`; takes back what was added to the
  /// state before when that ends after `cycle`.
  static void account(const Rank& rank, std::int64_t cycle, ChannelCounts& counts);
  void count_until(Rank& rank, std::int64_t cycle);
  void open(int bank, std::int64_t row, std::int64_t cycle);
  void precharge(int bank, std::int64_t cycle);
  void close(int bank, std::int64_t cycle);
  void access(int bank, std::int64_t count);
  void forget_precharge(int first, int count);
  void append_ranks(std::int64_t now, std::span<const int> order,
                    std::vector<std::int32_t>& state) const;
  const std::int32_t* restore_ranks(std::int64_t now, std::span<const int> order,
                                    const std::int32_t* state, const ChannelCounts& counts);
  int rank_at(std::span<const int> order, int rank) const {
    return rank_of(order[at(first_bank(rank))]);
  }

  int rank_shift_;
  std::vector<Bank> banks_;
  std::vector<Rank> ranks_;
  ChannelCounts counts_;
};

}  // namespace mxsim
