// Who waits for whom when a channel makes no progress.
#include <fmt/format.h>

#include "models/core/error.h"
#include "sim/dram/frfcfs_channel.h"

namespace mxsim {

void FrfcfsChannel::end_if_stuck() {
  if (reads_.empty() && writes_.empty()) return watch_.rest(now_);
  if (!watch_.is_stuck(now_)) return;
  const bool oldest_reads =
      writes_.empty() ||
      (!reads_.empty() && reads_.entry(reads_.oldest()).age < writes_.entry(writes_.oldest()).age);
  const RequestQueue& queue = oldest_reads ? reads_ : writes_;
  const DramSegment& wanted = queue.entry(queue.oldest()).segment;
  const int rank = banks_.rank_of(wanted.bank);
  const std::int64_t open = banks_.open_row(wanted.bank);
  std::string text = fmt::format(
      "DRAM channel {}: no data command for {} cycles, {} reads and {} writes wait; the oldest, a "
      "{}, waits for row {} of bank {}, which has {}",
      channel_, watch_.most_cycles(), reads_.loaded(), writes_.loaded(),
      oldest_reads ? "read" : "write", wanted.row, wanted.bank,
      open == BankStates::kClosed ? "no open row" : fmt::format("row {} open", open));
  if (refresh_.pending(rank)) text += fmt::format("; rank {} waits for its refresh", rank);
  if (banks_.powered_down(rank)) text += fmt::format("; rank {} is powered down", rank);
  if (best_.start != INT64_MAX) {
    text += fmt::format("; next is {} of bank {} at cycle {}", to_string(best_.command), best_.bank,
                        best_.start);
  }
  throw InternalError(text);
}

}  // namespace mxsim
