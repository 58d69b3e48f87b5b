#pragma once

#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Cycles between the last partial sum of a GEMM's results and their store.
struct EpilogueCost {
  double vector = 0;  ///< a result, of lanes and ports
  double encode = 0;  ///< a result, of the re-quantization unit's lanes and ports
  double drain = 0;   ///< of the pipelines, once a tile

  double of(double results) const { return results * (vector + encode) + drain; }
};

EpilogueCost epilogue_cost(const OpGroup& group, const GemmWork& work,
                           const std::vector<StoredTensor>& tensors, const MapperChip& chip);

/// Bytes that DMA moves in a cycle through its path and the ports of a slot.
double transfer_pace(const MapperChip& chip, const SramGeometry& buffer);

}  // namespace mxsim
