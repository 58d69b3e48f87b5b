#include "models/dram/dram_run.h"

#include <algorithm>
#include <numeric>

#include "models/core/error.h"

namespace mxsim {

DramRun joined(DramRun run) {
  ensure(run.base >= 0 && run.row_bytes > 0 && run.rows > 0 && run.stride >= 0,
         "a DRAM run needs bytes, rows and addresses of at least 0");
  if (run.stride == run.row_bytes) {
    run.row_bytes *= run.rows;
    run.rows = 1;
  }
  return run;
}

RunCursor::RunCursor(const AddressMap& map, const DramRun& run, int channel)
    : map_(&map), run_(joined(run)), channel_(channel) {
  enter_piece();
}

void RunCursor::enter_piece() {
  const std::int64_t first = run_.base + piece_ * run_.stride;
  next_ = map_->burst_of(first);
  end_ = map_->burst_of(first + run_.row_bytes - 1) + 1;
}

void RunCursor::enter_stretch(std::int64_t first) {
  const DramAddress place = map_->decode(first);
  stretch_ = first;
  below_ = map_->bursts_below(first, channel_);
  place_ = {place.bank, place.row, place.burst, 0};
}

bool RunCursor::next(DramSegment& segment) {
  const std::int64_t stretch = std::int64_t{1} << map_->stretch_bits();
  while (true) {
    while (next_ < end_) {
      const std::int64_t begin = next_;
      const std::int64_t aligned = begin & -stretch;
      next_ = std::min(end_, aligned + stretch);
      const std::int64_t before = map_->bursts_below(begin, channel_);
      const std::int64_t count = map_->bursts_below(next_, channel_) - before;
      if (count == 0) continue;
      if (aligned != stretch_) enter_stretch(aligned);
      segment = {place_.bank, place_.row, place_.burst + before - below_, count};
      return true;
    }
    if (++piece_ >= run_.rows) return false;
    enter_piece();
  }
}

std::vector<std::int64_t> RunCursor::count_bursts(const AddressMap& map, const DramRun& run) {
  const DramRun whole = joined(run);
  // Pieces whose addresses differ by whole channel periods have equal counts.
  const std::int64_t period_bytes = map.channel_period() << map.burst_shift();
  const std::int64_t common = std::gcd(period_bytes, whole.stride);
  const std::int64_t period =
      whole.rows == 1 ? 1 : std::max<std::int64_t>(1, period_bytes / common);
  const std::int64_t periods = whole.rows / period;
  const std::int64_t others = whole.rows % period;
  std::vector<std::int64_t> counts(static_cast<std::size_t>(map.channels()));
  for (std::int64_t piece = 0; piece < std::min(period, whole.rows); ++piece) {
    const std::int64_t first = whole.base + piece * whole.stride;
    map.count(map.burst_of(first), map.burst_of(first + whole.row_bytes - 1) + 1,
              piece < others ? periods + 1 : periods, counts);
  }
  return counts;
}

}  // namespace mxsim
