#include "models/mapping/run_plan.h"

#include <algorithm>
#include <map>
#include <string>

namespace mxsim {

namespace {

/// One mapping for each GEMM of each group.
using Mappings = std::vector<std::vector<GemmMapping>>;

Mappings map_all(const OpList& ops, const MapperChip& chip) {
  Mappings mappings;
  std::map<std::string, GemmMapping> known;
  for (const OpGroup& group : ops.groups) {
    std::vector<GemmMapping>& found = mappings.emplace_back();
    for (const GemmWork& work : group.gemms) {
      const auto [entry, is_new] = known.try_emplace(search_key(group, work, ops.tensors));
      if (is_new) entry->second = map_gemm(group, work, ops.tensors, chip);
      found.push_back(entry->second);
    }
  }
  return mappings;
}

/// The most that the unfinished results of a group need.
Bytes scratch_bytes(const OpList& ops, const Mappings& mappings, const MapperChip& chip) {
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

RunPlan::RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity, PlanPolicy policy)
    : ops_(ops),
      chip_(chip),
      policy_(policy),
      mappings_(map_all(ops, chip)),
      memory_(ops, dram_capacity, scratch_bytes(ops, mappings_, chip), policy.keep_on_chip_bytes) {}

ProgramSource::ProgramSource(const RunPlan& plan)
    : plan_(plan), builder_(plan.ops(), plan.memory(), plan.chip(), plan.policy().overlap_groups) {}

Program ProgramSource::next(CommandId finished_below) {
  return builder_.next(plan_.mappings(group_++), finished_below);
}

}  // namespace mxsim
