#include "models/mapping/tiles/run_bytes.h"

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
        step_rest_(run.stride & (burst_ - 1)),
        offset_(run.base & (burst_ - 1)) {}

  /// Steps after which the places within a burst repeat: the burst over its common divisor with
  /// the step.
  std::int64_t period() const {
    return burst_ >> std::countr_zero(static_cast<std::uint64_t>(step_rest_ | burst_));
  }
  /// Of so many pieces.
  std::int64_t bursts(std::int64_t pieces) const {
    std::int64_t sum = 0;
    std::int64_t offset = offset_;
    for (std::int64_t i = 0; i < pieces; ++i) {
      sum += bursts_at(offset);
      offset = (offset + step_rest_) & (burst_ - 1);
    }
    return sum;
  }

 private:
  std::int64_t bursts_at(std::int64_t offset) const {
    return length_ + (offset + length_rest_ >= burst_ ? 2 : 1);
  }

  std::int64_t burst_;
  std::int64_t length_, length_rest_;  ///< from a piece's first to its last byte
  std::int64_t step_rest_;
  std::int64_t offset_;
};

std::int64_t count_bursts(const DramRun& run, int shift) {
  if (run.rows == 0 || run.row_bytes == 0) return 0;
  const DramRun pieces = joined(run);
  const PieceWalk walk(pieces, shift);
  const std::int64_t period = walk.period();
  if (pieces.rows <= period) return walk.bursts(pieces.rows);
  return pieces.rows / period * walk.bursts(period) + walk.bursts(pieces.rows % period);
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
