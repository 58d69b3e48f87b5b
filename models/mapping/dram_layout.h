#pragma once

#include "models/mapping/network_mapping.h"

namespace mxsim {

/// Says how the tensors of the work lie in DRAM (PlanPolicy::dram_layout), and maps it.
///
/// kAuto: the work is mapped with row-major tensors; each operand and result of a GEMM of which
/// whole bursts then move clearly more than the bytes asked for, over all its readers and writers,
/// takes the tile with which they move the least; GEMMs with such tensors are mapped again. A
/// cache that grows row by row stays row-major, as does a part of a tensor that others read whole.
///
/// Throws InputError when the work does not fit the chip or the memory.
NetworkMapping lay_out(OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                       const PlanPolicy& policy);

}  // namespace mxsim
