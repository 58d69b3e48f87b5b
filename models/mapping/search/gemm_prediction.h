#pragma once

#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/memory/residency.h"
#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// What one GEMM with the epilogue of its group takes for any tiling, from the first fetch to the
/// last store, alone on the chip on an ideal memory (run_prediction.h). In a run the first fetches
/// and the last stores may pass while the array is at the neighbours.
class GemmPrediction {
 public:
  /// `chip` outlives it and knows what is around it.
  GemmPrediction(const OpGroup& group, const GemmWork& work,
                 const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                 const KeptTensors& kept = {});

  Cycles of(const GemmTiling& tiling) const;

 private:
  OpList ops_;  ///< this GEMM and its tensors
  std::vector<Resident> residents_;
  const MapperChip& chip_;
};

}  // namespace mxsim
