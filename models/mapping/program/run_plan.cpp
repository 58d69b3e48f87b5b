#include "models/mapping/program/run_plan.h"

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

}  // namespace

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
