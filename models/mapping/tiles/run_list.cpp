#include "models/mapping/tiles/run_list.h"

#include "models/core/shape.h"

namespace mxsim {
namespace {

DramRun piece(std::int64_t base, std::int64_t first, std::int64_t length) {
  const std::int64_t begin = first / 8;
  return {base + begin, ceil_div(first + length, 8) - begin, 0, 1};
}

}  // namespace

void append(std::vector<DramRun>& runs, const DramRun& run) {
  if (run.row_bytes == 0 || run.rows == 0) return;
  if (!runs.empty()) {
    DramRun& last = runs.back();
    const bool both_solid = last.rows == 1 && run.rows == 1;
    if (both_solid && last.base + last.row_bytes == run.base) {
      last.row_bytes += run.row_bytes;
      return;
    }
    const bool same_pieces = last.row_bytes == run.row_bytes && last.stride == run.stride;
    if (run.rows > 1 && same_pieces && last.base + last.rows * last.stride == run.base) {
      last.rows += run.rows;
      return;
    }
  }
  runs.push_back(run);
}

void append(std::vector<DramRun>& runs, const BitPieces& pieces) {
  if (pieces.count == 0 || pieces.length == 0) return;
  if (pieces.count == 1 || pieces.length == pieces.stride) {
    append(runs, piece(pieces.base, pieces.first, pieces.length * pieces.count));
    return;
  }
  if (pieces.stride % 8 == 0) {
    DramRun run = piece(pieces.base, pieces.first, pieces.length);
    run.stride = pieces.stride / 8;
    run.rows = pieces.count;
    append(runs, run);
    return;
  }
  for (std::int64_t i = 0; i < pieces.count; ++i) {
    append(runs, piece(pieces.base, pieces.first + i * pieces.stride, pieces.length));
  }
}

}  // namespace mxsim
