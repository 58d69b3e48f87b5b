#include "models/mapping/run_bytes.h"

#include <algorithm>
#include <numeric>

namespace mxsim {
namespace {

/// Piece by piece.
std::int64_t count_bursts(const DramRun& run, std::int64_t burst) {
  std::int64_t bursts = 0;
  std::int64_t next = 0;  // first burst that no piece has used yet
  for (std::int64_t i = 0; i < run.rows; ++i) {
    const std::int64_t start = run.base + i * run.stride;
    const std::int64_t first = i == 0 ? start / burst : std::max(next, start / burst);
    const std::int64_t end = ceil_div(start + run.row_bytes, burst);
    bursts += std::max<std::int64_t>(0, end - first);
    next = std::max(first, end);
  }
  return bursts;
}

}  // namespace

Bytes payload(const std::vector<DramRun>& runs) {
  Bytes sum{0};
  for (const DramRun& run : runs) sum += run.payload();
  return sum;
}

Bytes moved_bytes(const std::vector<DramRun>& runs, std::int64_t burst) {
  std::int64_t bursts = 0;
  for (const DramRun& run : runs) {
    // Offsets within a burst, and so the bursts that pieces add, repeat with this period.
    const std::int64_t period = std::max<std::int64_t>(1, burst / std::gcd(run.stride, burst));
    if (run.rows <= 2 * period) {
      bursts += count_bursts(run, burst);
      continue;
    }
    const auto first = [&](std::int64_t count) {
      return count_bursts({run.base, run.row_bytes, run.stride, count}, burst);
    };
    bursts += first(period + run.rows % period) +
              (run.rows / period - 1) * (first(2 * period) - first(period));
  }
  return Bytes(bursts * burst);
}

}  // namespace mxsim
