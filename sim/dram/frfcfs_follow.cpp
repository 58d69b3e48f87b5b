// Fast-forwards repeated states of runs.
#include <algorithm>

#include "sim/dram/frfcfs_channel.h"

namespace mxsim {

void FrfcfsChannel::follow_runs(std::int64_t horizon) {
  const bool free = !refresh_.any_pending() && !reads_must_go_first();
  const bool alone = reads_.empty() || writes_.empty();
  const bool streams = alone && own_queue().has_stream() && memo_.serves(own_queue());
  following_ = free && streams && memo_.can_follow(own_queue(), now_);
  turn_following_ = free && !streams && turn_memo_.can_follow(now_);
  const std::int64_t limit = std::min(horizon, refresh_.next_due());
  if (following_) {
    if (after_column_) follow_stream(limit);
  } else {
    memo_.interrupt();
  }
  if (!turn_following_) {
    turn_memo_.interrupt();
  } else if (after_column_ && turn_memo_.is_boundary(turned_to_reads_, direction_)) {
    follow_turns(limit);
  }
}

void FrfcfsChannel::follow_stream(std::int64_t limit) {
  const StreamMemo::Advance advance = memo_.follow(queue(direction_), direction_, now_, limit);
  if (advance.bursts == 0) return;
  fast_forwarded_ += advance.bursts;
  now_ += advance.cycles;
  served_in_turn_ += advance.bursts;
  best_holds_ = false;
  tell_followed(advance);
}

void FrfcfsChannel::follow_turns(std::int64_t limit) {
  const TurnMemo::Advance advance =
      turn_memo_.follow({direction_, served_in_turn_, read_turn_end_}, progress_, now_, limit);
  if (advance.cycles == 0) return;
  fast_forwarded_ += advance.bursts[0] + advance.bursts[1];
  now_ += advance.cycles;
  direction_ = advance.turn.direction;
  served_in_turn_ = advance.turn.served;
  read_turn_end_ = advance.turn.read_end;
  best_holds_ = false;
  for (BankWants& wants : wants_) {
    for (int bank = 0; bank < banks_.ranks() * banks_.banks_per_rank(); ++bank) {
      wants.bank_changed(bank);
    }
  }
  tell_followed(DramAccess::kRead, advance);
  tell_followed(DramAccess::kWrite, advance);
}

void FrfcfsChannel::tell_followed(const StreamMemo::Advance& advance) {
  watch_.rest(now_);
  const std::uint64_t request = own_queue().stream_request();
  tell_caused(request, advance.counted);
  // The last command was a column command: its data end last.
  const auto direction = index(direction_);
  const std::int64_t end = now_ + bus_cycles_[index(column_[direction])] - 1 + data_end_[direction];
  sink_.served(
      {request, direction_, BurstOwner::kOneRequest, advance.bursts, end, 0, BurstSource::kDevice});
}

void FrfcfsChannel::tell_followed(DramAccess access, const TurnMemo::Advance& advance) {
  const auto lane = index(access);
  if (advance.bursts[lane] == 0) return;
  watch_.rest(now_);
  progress_.caused[lane] += advance.progress.caused[lane];
  progress_.data_end[lane] = advance.progress.data_end[lane];
  const std::uint64_t request = queue(access).stream_request();
  tell_caused(request, advance.progress.caused[lane]);
  sink_.served({request, access, BurstOwner::kOneRequest, advance.bursts[lane],
                advance.progress.data_end[lane], 0, BurstSource::kDevice});
}

void FrfcfsChannel::tell_caused(std::uint64_t request, const ChannelCounts& counted) {
  for (std::size_t i = 0; i < kDramCommandCount; ++i) {
    const auto command = static_cast<DramCommand>(i);
    CausedCommands cost{request, command, counted[command], 0, 0, 0};
    if (cost.count == 0) continue;
    if (is_column(command)) {
      cost.row_hits = counted.row_hits;
      cost.row_empty = counted.row_empty;
      cost.row_conflicts = counted.row_conflicts;
    }
    sink_.caused(cost);
  }
}

}  // namespace mxsim
