#pragma once

#include <vector>

#include "models/mapping/memory/memory_plan.h"
#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/program/command_source.h"
#include "models/mapping/program/program_builder.h"

namespace mxsim {

/// Everything that is decided before the clock starts: where tensors lie and how every GEMM is cut.
class RunPlan {
 public:
  /// One mapping for each GEMM of each group, and the tensors kept on the chip. `ops` and `chip`
  /// must outlive the plan.
  RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity, NetworkMapping mappings,
          std::vector<Resident> residents = {}, PlanPolicy policy = {});

  std::size_t groups() const { return ops_.groups.size(); }
  const OpList& ops() const { return ops_; }
  const MapperChip& chip() const { return chip_; }
  const MemoryPlan& memory() const { return memory_; }
  const std::vector<GemmMapping>& mappings(std::size_t group) const { return mappings_.at(group); }
  const PlanPolicy& policy() const { return policy_; }
  const std::vector<Resident>& residents() const { return residents_; }

 private:
  const OpList& ops_;
  const MapperChip& chip_;
  PlanPolicy policy_;
  std::vector<Resident> residents_;
  NetworkMapping mappings_;
  MemoryPlan memory_;
};

/// The plan's commands, group by group.
class ProgramSource final : public CommandSource {
 public:
  /// `plan` must outlive the source.
  explicit ProgramSource(const RunPlan& plan);

  bool done() const override { return builder_.done(); }
  GroupOverlap overlap() const override { return plan_.policy().overlap_groups; }
  /// Commands below `finished_below` are finished.
  Program next(CommandId finished_below) override;
  /// Of the commands so far.
  const BufferOccupancy& occupancy() const { return builder_.occupancy(); }

 private:
  const RunPlan& plan_;
  ProgramBuilder builder_;
  std::size_t group_ = 0;
};

}  // namespace mxsim
