#pragma once

#include <cstdint>
#include <vector>

#include "models/mapping/tiles/run_bytes.h"
#include "models/mapping/tiles/step_range.h"
#include "models/workload/op_list.h"

namespace mxsim {

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

/// Whether the scales and offsets of a tensor lie with its tiles: so chosen, and blocks divide
/// them.
bool scales_beside(const StoredTensor& tensor);

/// Where the region's elements and block scales lie in DRAM when the tensor starts at `base`:
/// elements, then block scales, then sub-block offsets, each row-major or in the tensor's tiles
/// (row-major where blocks do not divide those); or tiles with all that belongs to them. What
/// belongs to a block is fetched with every region that touches the block; a tensor's scale of
/// scales is part of the descriptor.
std::vector<DramRun> memory_runs(const StoredTensor& tensor, std::int64_t base,
                                 const TensorRegion& region);

/// Elements [start, start + count), counted row by row, with the scales of their share of the
/// blocks; of a tensor whose scales lie beside its tiles, with those of the blocks they touch.
std::vector<DramRun> flat_runs(const StoredTensor& tensor, std::int64_t base, Range elements);

}  // namespace mxsim
