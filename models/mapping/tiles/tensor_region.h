#pragma once

#include <cstdint>
#include <vector>

#include "models/mapping/tiles/run_bytes.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// start, start + 1, ... (count of them)
struct Range {
  std::int64_t start = 0;
  std::int64_t count = 0;

  std::int64_t end() const { return start + count; }
  bool operator==(const Range&) const = default;
};

/// start, start + step, ... (count of them)
struct StepRange {
  std::int64_t start = 0;
  std::int64_t count = 0;
  std::int64_t step = 1;

  /// Distance from the first to one past the last.
  std::int64_t span() const { return count == 0 ? 0 : (count - 1) * step + 1; }
  bool operator==(const StepRange&) const = default;
};

/// Input positions that the outputs `out` of one axis read (padding left out). With one tap only
/// the positions that are used; with more, all from the first to the last.
StepRange input_footprint(const WindowAxis& axis, Range out);

/// Equal boxes side by side.
struct SideBySide {
  std::int64_t count = 1;
  std::int64_t pitch = 0;  ///< columns from one to the next

  bool operator==(const SideBySide&) const = default;
};

/// A box of a tensor whose rows are images x height x width positions, or several side by side.
struct TensorRegion {
  std::int64_t height = 1;  ///< of the whole tensor
  std::int64_t width = 1;
  Range images;
  StepRange h;
  StepRange w;
  Range cols;
  SideBySide boxes = {};
  std::int64_t first_row = 0;  ///< of the first image

  std::int64_t positions() const { return images.count * h.count * w.count * boxes.count; }
  std::int64_t elements() const { return positions() * cols.count; }
};

/// Rows `rows` and columns `cols` of a plain matrix.
TensorRegion matrix_region(const StoredTensor& tensor, Range rows, Range cols);

/// Where the region's elements and block scales lie in DRAM when the tensor starts at `base`:
/// row-major elements, then row-major block scales, then row-major sub-block offsets. What belongs
/// to a block is fetched with every region that touches the block; a tensor's scale of scales is
/// part of the descriptor.
std::vector<DramRun> memory_runs(const StoredTensor& tensor, std::int64_t base,
                                 const TensorRegion& region);

/// Elements [start, start + count) of the row-major matrix, with the scales of their share of the
/// blocks.
std::vector<DramRun> flat_runs(const StoredTensor& tensor, std::int64_t base, Range elements);

}  // namespace mxsim
