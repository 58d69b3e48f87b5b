#pragma once

#include <cstdint>
#include <vector>

#include "models/mapping/gemm_tiling.h"
#include "models/mapping/mapper_chip.h"

namespace mxsim {

/// Estimates by which mappings are compared.
struct MappingCost {
  double dram_bytes = 0;    ///< operands fetched, whole bursts
  double array_cycles = 0;  ///< sum over tiles
  double cycles = 0;  ///< longest of array, DRAM and vector time, plus first fetch, last epilogue,
                      ///< tile overheads
  std::int64_t tiles = 0;
};

struct GemmMapping {
  GemmTiling tiling;
  MappingCost cost;
};

/// The mapping with the least DRAM traffic among those whose estimated time is within 5 % of the
/// shortest; fewer tiles break ties. Every tile fits one slot of each buffer; partial sums stay on
/// chip. Throws InputError (layer, numbers) when not even the smallest tile fits.
GemmMapping map_gemm(const OpGroup& group, const GemmWork& work,
                     const std::vector<StoredTensor>& tensors, const MapperChip& chip);

}  // namespace mxsim
