#pragma once

#include "models/dram/dram_run.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Bytes in DRAM over bytes on the chip, on average, by tensor role; 1: as they are. Gradients are
/// those to activations. All other tensors, and unfinished results, are never compressed.
struct DramCompression {
  double weights = 1;
  double activations = 1;
  double gradients = 1;

  double of(TensorRole role) const;
  double least() const;
  bool operator==(const DramCompression&) const = default;
};

/// A compressed tensor keeps its addresses: each piece of a transfer begins where it would without
/// compression and moves the given share of its bytes, in whole bursts.
DramRun compressed(const DramRun& run, double ratio);
std::vector<DramRun> compressed(std::vector<DramRun> runs, double ratio);

/// ceil(bytes * ratio), for a ratio of up to 1.
std::int64_t compressed_bytes(std::int64_t bytes, double ratio);

}  // namespace mxsim
