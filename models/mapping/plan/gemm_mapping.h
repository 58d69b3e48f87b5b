#pragma once

#include <optional>
#include <vector>

#include "models/core/units.h"
#include "models/mapping/plan/mapping_cost.h"
#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// How a GEMM is cut, and what that costs by the mapper's model.
struct GemmMapping {
  GemmTiling tiling;
  MappingCost cost;
  std::optional<Cycles> predicted = {};  ///< alone on the chip (gemm_prediction.h), if asked for
};

/// One mapping for each GEMM of each group.
using NetworkMapping = std::vector<std::vector<GemmMapping>>;

}  // namespace mxsim
