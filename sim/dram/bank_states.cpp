#include "sim/dram/bank_states.h"

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
  const int first = first_bank(rank_of(bank));
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
  }
}

void BankStates::open(int bank, std::int64_t row, std::int64_t cycle) {
  Bank& state = banks_[at(bank)];
  state.open_row = row;
  state.columns = 0;
  state.conflict = state.precharged;
  Rank& rank = ranks_[at(rank_of(bank))];
  if (rank.open_banks++ == 0) rank.open_since = cycle;
}

void BankStates::precharge(int bank, std::int64_t cycle) {
  if (open_row(bank) == kClosed) return;
  close(bank, cycle);
  banks_[at(bank)].precharged = true;
}

void BankStates::close(int bank, std::int64_t cycle) {
  banks_[at(bank)].open_row = kClosed;
  Rank& rank = ranks_[at(rank_of(bank))];
  if (--rank.open_banks == 0) counts_.open_rank_cycles += cycle - rank.open_since;
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

ChannelCounts BankStates::counts(std::int64_t cycle) const {
  ChannelCounts counts = counts_;
  for (const Rank& rank : ranks_) {
    if (rank.open_banks > 0 && cycle > rank.open_since) {
      counts.open_rank_cycles += cycle - rank.open_since;
    }
  }
  return counts;
}

}  // namespace mxsim
