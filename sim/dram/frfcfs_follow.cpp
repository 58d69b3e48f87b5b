// What a stream did before is left out.
#include <algorithm>

#include "sim/dram/frfcfs_channel.h"

namespace mxsim {

void FrfcfsChannel::follow_stream(std::int64_t horizon) {
  RequestQueue& own = queue(direction_);
  const bool alone = (reads_.empty() || writes_.empty()) && own.has_stream() &&
                     !refresh_.any_pending() && !reads_must_go_first();
  following_ = alone && memo_.can_follow(own, now_);
  if (!following_) return memo_.interrupt();
  if (!after_column_) return;
  const StreamMemo::Advance advance =
      memo_.follow(own, direction_, now_, std::min(horizon, refresh_.next_due()));
  if (advance.bursts == 0) return;
  now_ += advance.cycles;
  served_in_turn_ += advance.bursts;
  best_holds_ = false;
  tell_followed(advance);
}

void FrfcfsChannel::tell_followed(const StreamMemo::Advance& advance) {
  const std::uint64_t request = own_queue().stream_request();
  const ChannelCounts& counted = advance.counted;
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
  // The last command was a column command: its data end last.
  const auto direction = static_cast<std::size_t>(direction_);
  const std::int64_t end = now_ + bus_cycles_[index(column_[direction])] - 1 + data_end_[direction];
  sink_.served(
      {request, direction_, BurstOwner::kOneRequest, advance.bursts, end, 0, BurstSource::kDevice});
}

}  // namespace mxsim
