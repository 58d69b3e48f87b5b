#pragma once

#include <optional>

#include "models/core/units.h"
#include "models/mapping/gemm_tiling.h"
#include "models/mapping/mapping_cost.h"

namespace mxsim {

/// How a GEMM is cut, and what that costs by the mapper's model.
struct GemmMapping {
  GemmTiling tiling;
  MappingCost cost;
  std::optional<Cycles> predicted = {};  ///< alone on the chip (gemm_prediction.h), if asked for
};

}  // namespace mxsim
