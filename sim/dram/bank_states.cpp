#include "sim/dram/bank_states.h"

#include <algorithm>
#include <bit>

namespace mxsim {
BankStates::BankStates(const DramDevice& device)
    : rank_shift_(std::countr_zero(
          static_cast<std::uint64_t>(device.organisation.banks_under(DramLevel::kRank)))),
      banks_(static_cast<std::size_t>(device.organisation.count(DramLevel::kBank))),
      ranks_(static_cast<std::size_t>(device.organisation.count(DramLevel::kRank))) {}

void BankStates::apply(DramCommand command, int bank, std::int64_t row, std::int64_t cycle,
                       std::int64_t count) {
  counts_.commands[index(command)] += count;
  Rank& rank = ranks_[at(rank_of(bank))];
  const int first = first_bank(rank_of(bank));
  banks_[at(bank)].last_command = cycle;
  rank.last_command = cycle;
  switch (command) {
    case DramCommand::kActivate:
      open(bank, row, cycle);
      break;
    case DramCommand::kPrecharge:
      precharge(bank, cycle);
      break;
    case DramCommand::kPrechargeAll:
      for (int b = first; b < first + banks_per_rank(); ++b) precharge(b, cycle);
      break;
    case DramCommand::kRead:
    case DramCommand::kWrite:
      access(bank, count);
      break;
    case DramCommand::kReadAuto:
    case DramCommand::kWriteAuto:
      access(bank, count);
      close(bank, cycle);
      break;
    case DramCommand::kRefresh:
      forget_precharge(first, banks_per_rank());
      break;
    case DramCommand::kRefreshBank:
      forget_precharge(bank, 1);
      break;
    case DramCommand::kPowerDown:
    case DramCommand::kPowerUp:
      count_until(rank, cycle);
      rank.powered_down = command == DramCommand::kPowerDown;
      break;
  }
}

void BankStates::open(int bank, std::int64_t row, std::int64_t cycle) {
  Bank& state = banks_[at(bank)];
  state.open_row = row;
  state.columns = 0;
  state.conflict = state.precharged;
  Rank& rank = ranks_[at(rank_of(bank))];
  if (rank.open_banks == 0) count_until(rank, cycle);
  ++rank.open_banks;
}

void BankStates::precharge(int bank, std::int64_t cycle) {
  if (open_row(bank) == kClosed) return;
  close(bank, cycle);
  banks_[at(bank)].precharged = true;
}

void BankStates::close(int bank, std::int64_t cycle) {
  banks_[at(bank)].open_row = kClosed;
  Rank& rank = ranks_[at(rank_of(bank))];
  if (rank.open_banks == 1) count_until(rank, cycle);
  --rank.open_banks;
}

void BankStates::access(int bank, std::int64_t count) {
  Bank& state = banks_[at(bank)];
  if (state.columns == 0) {
    ++(state.conflict ? counts_.row_conflicts : counts_.row_empty);
    counts_.row_hits += count - 1;
  } else {
    counts_.row_hits += count;
  }
  state.columns += count;
}

void BankStates::forget_precharge(int first, int count) {
  for (int b = first; b < first + count; ++b) banks_[at(b)].precharged = false;
}

bool BankStates::any_open() const {
  return std::any_of(ranks_.begin(), ranks_.end(), [](const Rank& r) { return r.open_banks > 0; });
}

std::int64_t ChannelCounts::*BankStates::counter_of(const Rank& rank) {
  const bool open = rank.open_banks > 0;
  if (rank.powered_down) {
    return open ? &ChannelCounts::open_down_cycles : &ChannelCounts::closed_down_cycles;
  }
  return open ? &ChannelCounts::open_rank_cycles : nullptr;
}

void BankStates::account(const Rank& rank, std::int64_t cycle, ChannelCounts& counts) {
  const std::int64_t cycles = cycle - rank.state_since;
  const auto counter = cycles >= 0 ? counter_of(rank) : rank.earlier;
  if (counter != nullptr) counts.*counter += cycles;
}

void BankStates::count_until(Rank& rank, std::int64_t cycle) {
  account(rank, cycle, counts_);
  rank.earlier = counter_of(rank);
  rank.state_since = cycle;
}

ChannelCounts BankStates::counts(std::int64_t cycle) const {
  ChannelCounts counts = counts_;
  for (const Rank& rank : ranks_) account(rank, cycle, counts);
  return counts;
}

void BankStates::append_ranks(std::int64_t now, std::span<const int> order,
                              std::vector<std::int32_t>& state) const {
  for (int i = 0; i < ranks(); ++i) {
    const Rank& rank = ranks_[at(rank_at(order, i))];
    const std::int64_t to_come = std::max<std::int64_t>(0, rank.state_since - now);
    state.push_back(static_cast<std::int32_t>(to_come));
    state.push_back(to_come > 0 && rank.earlier != nullptr ? 1 : 0);
  }
}

const std::int32_t* BankStates::restore_ranks(std::int64_t now, std::span<const int> order,
                                              const std::int32_t* state,
                                              const ChannelCounts& counts) {
  ChannelCounts ahead;
  for (int i = 0; i < ranks(); ++i) {
    Rank& rank = ranks_[at(rank_at(order, i))];
    rank.state_since = now + *state++;
    rank.earlier = *state++ != 0 ? &ChannelCounts::open_rank_cycles : nullptr;
    account(rank, now, ahead);
  }
  counts_ = counts;
  counts_.add(ahead, -1);
  return state;
}

void BankStates::repeat(const ChannelCounts& counted, std::int64_t cycles, std::int64_t times) {
  counts_.add(counted, times);
  for (Rank& rank : ranks_) {
    rank.state_since += times * cycles;
    rank.last_command += times * cycles;
  }
  for (Bank& bank : banks_) bank.last_command += times * cycles;
}

}  // namespace mxsim
