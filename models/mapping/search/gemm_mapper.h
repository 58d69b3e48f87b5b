#pragma once

#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/memory/residency.h"
#include "models/mapping/plan/gemm_mapping.h"

namespace mxsim {

/// The `count` best mappings of the GEMM for the chip's objective, best first (mapping_search.h).
/// Throws InputError (layer, numbers) when not even the smallest tile fits.
std::vector<GemmMapping> best_mappings(const OpGroup& group, const GemmWork& work,
                                       const std::vector<StoredTensor>& tensors,
                                       const MapperChip& chip, std::size_t count,
                                       const KeptTensors& kept = {});

/// The best one.
GemmMapping map_gemm(const OpGroup& group, const GemmWork& work,
                     const std::vector<StoredTensor>& tensors, const MapperChip& chip,
                     const KeptTensors& kept = {});

}  // namespace mxsim
