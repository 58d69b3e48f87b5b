#include "models/mapping/memory_run.h"

#include <algorithm>

namespace mxsim {

Bytes payload(const std::vector<MemoryRun>& runs) {
  Bytes sum{0};
  for (const MemoryRun& run : runs) sum += run.payload();
  return sum;
}

Bytes moved_bytes(const std::vector<MemoryRun>& runs, std::int64_t burst) {
  std::int64_t bursts = 0;
  for (const MemoryRun& run : runs) {
    std::int64_t next = 0;  // first burst not yet counted in this run
    for (std::int64_t i = 0; i < run.count; ++i) {
      const std::int64_t start = run.base + i * run.stride;
      const std::int64_t first = i == 0 ? start / burst : std::max(next, start / burst);
      const std::int64_t end = ceil_div(start + run.length, burst);
      bursts += std::max<std::int64_t>(0, end - first);
      next = std::max(first, end);
    }
  }
  return Bytes(bursts * burst);
}

}  // namespace mxsim
