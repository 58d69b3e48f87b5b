#pragma once

#include <optional>

#include "models/core/units.h"
#include "models/mapping/search/mapping_cost.h"
#include "models/mapping/tiles/gemm_tiling.h"

namespace mxsim {

/// How a GEMM is cut, and what that costs by the mapper's model.
struct GemmMapping {
  GemmTiling tiling;
  MappingCost cost;
  std::optional<Cycles> predicted = {};  ///< alone on the chip (gemm_prediction.h), if asked for
};

}  // namespace mxsim
