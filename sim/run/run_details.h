#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/mapping/memory/residency.h"
#include "models/mapping/plan/gemm_mapping.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// How one GEMM of a layer was cut. Micro-batches and slices repeat it.
struct LayerMapping {
  std::string op;
  std::size_t gemm = 0;  ///< of the group
  std::int64_t m = 0;    ///< C[m, n] = A[m, k] B[k, n]
  std::int64_t k = 0;
  std::int64_t n = 0;
  std::int64_t products = 1;
  GemmMapping mapping;
  std::int64_t times = 1;  ///< groups of the step that are mapped so
};

/// Adds the mapping of GEMM `index` of the group, or counts it once more.
void add_mapping(std::vector<LayerMapping>& mappings, const OpGroup& group, std::size_t index,
                 const GemmMapping& mapping);

/// DRAM that the tensors which live in a group take, from the cycle in which its turn begins.
struct MemoryMoment {
  std::int64_t cycle = 0;
  std::size_t layer = 0;  ///< place in RunReport::layers
  Bytes dram{0};          ///< each tensor rounded up to MemoryPlan::kAlignment
};

/// By group of the list; `residents` are kept on the chip. The most is MemoryPlan::peak_live().
std::vector<Bytes> live_dram(const OpList& ops, const std::vector<Resident>& residents);

/// Roofs of the chip and where its prices come from.
struct ChipFigures {
  std::int64_t clock_hz = 0;
  std::string dram_device;
  double dram_peak_bytes_per_s = 0;
  std::int64_t node_nm = 0;
};

}  // namespace mxsim
