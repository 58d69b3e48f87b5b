#pragma once

#include <vector>

#include "models/mapping/gemm_mapper.h"
#include "models/mapping/memory_plan.h"
#include "models/mapping/program.h"

namespace mxsim {

/// Everything that is decided before the clock starts: where tensors lie and how every GEMM is cut.
class RunPlan {
 public:
  /// `ops` and `chip` must outlive the plan. GEMMs of equal shape are searched once.
  RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity);

  std::size_t groups() const { return ops_.groups.size(); }
  const OpList& ops() const { return ops_; }
  const MapperChip& chip() const { return chip_; }
  const MemoryPlan& memory() const { return memory_; }
  const std::vector<GemmMapping>& mappings(std::size_t group) const { return mappings_.at(group); }
  Program program(std::size_t group) const;

 private:
  const OpList& ops_;
  const MapperChip& chip_;
  MemoryPlan memory_;
  std::vector<std::vector<GemmMapping>> mappings_;
};

}  // namespace mxsim
