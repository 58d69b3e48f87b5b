#pragma once

#include "models/energy/work_formats.h"
#include "sim/run/gemm_run.h"

namespace mxsim {

/// The request's arrays, in its dataflow whatever the pass.
ArraySpec array_of(const GemmRequest& request);
/// Both operands' formats; results leave in FP32.
WorkFormats formats_of(const GemmRequest& request);

/// What a GEMM spends in the arrays and the buffers of the request's chip: the energy model of
/// whole runs without vector unit, re-quantizer, DMA and DRAM.
EnergyBreakdown gemm_energy(const GemmRequest& request, const ArrayCost& cost);

}  // namespace mxsim
