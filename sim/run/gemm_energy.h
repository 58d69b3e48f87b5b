#pragma once

#include "sim/run/gemm_run.h"

namespace mxsim {

/// What a GEMM spends in the arrays and the buffers of the request's chip: the energy model of
/// whole runs without vector unit, re-quantizer, DMA and DRAM.
EnergyBreakdown gemm_energy(const GemmRequest& request, const ArrayCost& cost);

}  // namespace mxsim
