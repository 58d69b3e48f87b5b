#include "models/mapping/run_plan.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include "models/core/error.h"
#include "models/mapping/search/mapping_model.h"
#include "models/mapping/search/search_key.h"

namespace mxsim {

namespace {

/// One mapping for each GEMM of each group.
using Mappings = std::vector<std::vector<GemmMapping>>;

/// A pin that names the GEMM decides, else the search.
GemmMapping choose(const OpGroup& group, const GemmWork& work, const OpList& ops,
                   const MapperChip& chip, const PlanPolicy& policy, const KeptTensors& kept) {
  const std::optional<GemmTiling> pinned = pinned_tiling(policy.pinned, group, work);
  if (!pinned) return map_gemm(group, work, ops.tensors, chip, kept);
  MappingModel model(group, work, ops.tensors, chip, kept);
  const std::string misfit = model.misfit(*pinned);
  if (!misfit.empty())
    throw InputError("pinned mapping of layer \"" + group.layer + "\": " + misfit);
  return {*pinned, model.cost(*pinned)};
}

/// Matrices of a later slice of a batch lie otherwise to the blocks of their tensors.
bool fits(const GemmMapping& mapping, const OpGroup& group, const GemmWork& work, const OpList& ops,
          const MapperChip& chip, const KeptTensors& kept) {
  if (group.slice == 0) return true;
  return MappingModel(group, work, ops.tensors, chip, kept).misfit(mapping.tiling).empty();
}

/// A pin may name the layer.
struct LayerKey {
  std::string pinned_layer;
  SearchKey search;
  bool operator==(const LayerKey&) const = default;
  struct Hash {
    std::size_t operator()(const LayerKey& key) const { return SearchKey::Hash()(key.search); }
  };
};

Mappings map_all(const OpList& ops, MapperChip chip, const PlanPolicy& policy,
                 const std::vector<Resident>& residents) {
  chip.mapping = {policy.objective, policy.prices};
  Mappings mappings;
  std::unordered_map<LayerKey, GemmMapping, LayerKey::Hash> known;
  const std::vector<KeptTensors> kept = kept_tensors(ops, residents);
  for (std::size_t g = 0; g < ops.groups.size(); ++g) {
    const OpGroup& group = ops.groups[g];
    std::vector<GemmMapping>& found = mappings.emplace_back();
    for (const GemmWork& work : group.gemms) {
      const bool pinned = pinned_tiling(policy.pinned, group, work).has_value();
      const auto [entry, is_new] = known.try_emplace(
          {pinned ? group.layer : "", SearchKey(group, work, ops.tensors, kept[g])});
      if (is_new || !fits(entry->second, group, work, ops, chip, kept[g])) {
        entry->second = choose(group, work, ops, chip, policy, kept[g]);
      }
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
      mappings_(map_all(fitting(ops, dram_capacity, residents_), chip, policy_, residents_)),
      memory_(ops, dram_capacity, scratch_bytes(ops, mappings_, chip), residents_) {}

RunPlan::RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                 std::vector<std::vector<GemmMapping>> mappings, std::vector<Resident> residents)
    : ops_(ops),
      chip_(chip),
      residents_(std::move(residents)),
      mappings_(std::move(mappings)),
      memory_(ops, dram_capacity, scratch_bytes(ops, mappings_, chip), residents_) {}

ProgramSource::ProgramSource(const RunPlan& plan)
    : plan_(plan), builder_(plan.ops(), plan.memory(), plan.chip(), plan.policy().overlap_groups) {}

Program ProgramSource::next(CommandId finished_below) {
  return builder_.next(plan_.mappings(group_++), finished_below);
}

}  // namespace mxsim
