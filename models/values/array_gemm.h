#pragma once

#include "models/chip/chip_spec.h"
#include "models/core/pass.h"
#include "models/mapping/tiles/gemm_tile.h"
#include "models/mapping/tiles/gemm_tiling.h"
#include "models/mapping/tiles/operand_data.h"
#include "models/values/workers.h"
#include "models/workload/step_function.h"

namespace mxsim {

/// A GEMM by the kernels of the array itself (models/arithmetic/tile_kernel.h), for every kind of
/// accumulator and dot product. The reduction is cut where passes of the array end and, with a
/// tiling, between the tiles of that mapping, as the chip cuts it.
struct ArrayGemm {
  const ArraySpec& array;
  Pass pass;
  const GemmWork& work;
  GridSize grid;  ///< of the group's result
  const OperandMatrix& a;
  const OperandMatrix& b;
  StepMatrix<float> result;
  const GemmTiling* tiling = nullptr;
};

void multiply(const ArrayGemm& gemm, Workers& workers);

}  // namespace mxsim
