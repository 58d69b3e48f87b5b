#include "models/mapping/memory_run.h"

#include <algorithm>
#include <numeric>

namespace mxsim {
namespace {

/// Piece by piece.
std::int64_t count_bursts(const MemoryRun& run, std::int64_t burst) {
  std::int64_t bursts = 0;
  std::int64_t next = 0;  // first burst that no piece has used yet
  for (std::int64_t i = 0; i < run.count; ++i) {
    const std::int64_t start = run.base + i * run.stride;
    const std::int64_t first = i == 0 ? start / burst : std::max(next, start / burst);
    const std::int64_t end = ceil_div(start + run.length, burst);
    bursts += std::max<std::int64_t>(0, end - first);
    next = std::max(first, end);
  }
  return bursts;
}

}  // namespace

Bytes payload(const std::vector<MemoryRun>& runs) {
  Bytes sum{0};
  for (const MemoryRun& run : runs) sum += run.payload();
  return sum;
}

Bytes moved_bytes(const std::vector<MemoryRun>& runs, std::int64_t burst) {
  std::int64_t bursts = 0;
  for (const MemoryRun& run : runs) {
    // Offsets within a burst, and so the bursts that pieces add, repeat with this period.
    const std::int64_t period = burst / std::gcd(run.stride, burst);
    if (run.count <= 2 * period) {
      bursts += count_bursts(run, burst);
      continue;
    }
    const auto first = [&](std::int64_t count) {
      return count_bursts({run.base, run.length, run.stride, count}, burst);
    };
    bursts += first(period + run.count % period) +
              (run.count / period - 1) * (first(2 * period) - first(period));
  }
  return Bytes(bursts * burst);
}

}  // namespace mxsim
