#include "models/mapping/tiles/run_bytes.h"

#include <algorithm>
#include <bit>

namespace mxsim {
namespace {

/// Bursts of a run's pieces, walked from piece to piece by their places within a burst.
class PieceWalk {
 public:
  /// Bursts have 2^shift bytes.
  PieceWalk(const DramRun& run, int shift)
      : burst_(std::int64_t{1} << shift),
        length_((run.row_bytes - 1) >> shift),
        length_rest_((run.row_bytes - 1) & (burst_ - 1)),
        step_(run.stride >> shift),
        step_rest_(run.stride & (burst_ - 1)),
        offset_(run.base & (burst_ - 1)) {}

  /// Steps after which the places within a burst repeat: the burst over its common divisor with
  /// the step.
  std::int64_t period() const {
    return burst_ >> std::countr_zero(static_cast<std::uint64_t>(step_rest_ | burst_));
  }
  std::int64_t first() const { return bursts_at(offset_); }
  /// What so many pieces after the first add.
  std::int64_t added(std::int64_t pieces) const {
    std::int64_t sum = 0;
    std::int64_t offset = offset_;
    std::int64_t before = first();
    for (std::int64_t i = 0; i < pieces; ++i) {
      offset += step_rest_;
      const bool carry = offset >= burst_;
      if (carry) offset -= burst_;
      const std::int64_t bursts = bursts_at(offset);
      sum += bursts - std::max<std::int64_t>(0, before - step_ - (carry ? 1 : 0));
      before = bursts;
    }
    return sum;
  }

 private:
  std::int64_t bursts_at(std::int64_t offset) const {
    return length_ + (offset + length_rest_ >= burst_ ? 2 : 1);
  }

  std::int64_t burst_;
  std::int64_t length_, length_rest_;  ///< from a piece's first to its last byte
  std::int64_t step_, step_rest_;
  std::int64_t offset_;
};

std::int64_t count_bursts(const DramRun& run, int shift) {
  if (run.rows == 0 || run.row_bytes == 0) return 0;
  const PieceWalk walk(run, shift);
  if (run.rows == 1) return walk.first();
  const std::int64_t others = run.rows - 1;
  const std::int64_t period = walk.period();
  if (others <= period) return walk.first() + walk.added(others);
  return walk.first() + others / period * walk.added(period) + walk.added(others % period);
}

}  // namespace

Bytes payload(const std::vector<DramRun>& runs) {
  Bytes sum{0};
  for (const DramRun& run : runs) sum += run.payload();
  return sum;
}

Bytes moved_bytes(const std::vector<DramRun>& runs, std::int64_t burst) {
  const int shift = std::countr_zero(static_cast<std::uint64_t>(burst));
  std::int64_t bursts = 0;
  for (const DramRun& run : runs) bursts += count_bursts(run, shift);
  return Bytes(bursts * burst);
}

}  // namespace mxsim
