#include "models/mapping/run_plan.h"

#include <algorithm>
#include <utility>

namespace mxsim {
namespace {

/// The most that the unfinished results of a group need.
Bytes scratch_bytes(const OpList& ops, const NetworkMapping& mappings, const MapperChip& chip) {
  Bytes most{0};
  for (std::size_t group = 0; group < mappings.size(); ++group) {
    for (std::size_t i = 0; i < mappings[group].size(); ++i) {
      const GemmWork& work = ops.groups[group].gemms[i];
      most = std::max(most, spill_bytes(work, mappings[group][i].tiling, ring_slots(chip, work),
                                        chip.dram_burst_bytes));
    }
  }
  return most;
}

/// `ops`, once it is known to fit the memory: the search would take minutes on shapes that do not.
const OpList& fitting(const OpList& ops, Bytes dram_capacity,
                      const std::vector<Resident>& residents) {
  [[maybe_unused]] const MemoryPlan fits(ops, dram_capacity, Bytes(0), residents);
  return ops;
}

}  // namespace

RunPlan::RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity, PlanPolicy policy)
    : ops_(ops),
      chip_(chip),
      policy_(policy),
      residents_(plan_residency(ops, policy_.kept_bytes())),
      mappings_(
          NetworkMapper(chip, policy_).map(fitting(ops, dram_capacity, residents_), residents_)),
      memory_(ops, dram_capacity, scratch_bytes(ops, mappings_, chip), residents_) {}

RunPlan::RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                 NetworkMapping mappings, std::vector<Resident> residents, PlanPolicy policy)
    : ops_(ops),
      chip_(chip),
      policy_(std::move(policy)),
      residents_(std::move(residents)),
      mappings_(std::move(mappings)),
      memory_(ops, dram_capacity, scratch_bytes(ops, mappings_, chip), residents_) {}

ProgramSource::ProgramSource(const RunPlan& plan)
    : plan_(plan), builder_(plan.ops(), plan.memory(), plan.chip(), plan.policy().overlap_groups) {}

Program ProgramSource::next(CommandId finished_below) {
  return builder_.next(plan_.mappings(group_++), finished_below);
}

}  // namespace mxsim
