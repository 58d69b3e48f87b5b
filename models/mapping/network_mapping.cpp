#include "models/mapping/network_mapping.h"

#include <utility>

#include "models/core/error.h"
#include "models/core/reuse.h"
#include "models/mapping/search/gemm_mapper.h"
#include "models/mapping/search/mapping_model.h"
#include "models/mapping/search/mapping_store.h"

namespace mxsim {
namespace {

/// The store or a search. A later slice of a batch is not among the values of its key.
GemmMapping best_mapping(const OpGroup& group, const GemmWork& work, const SearchKey& key,
                         const OpList& ops, const MapperChip& chip, const KeptTensors& kept) {
  MappingStore* const store = group.slice == 0 ? mapping_store() : nullptr;
  if (store == nullptr) return map_gemm(group, work, ops.tensors, chip, kept);
  if (const std::optional<GemmMapping> known = store->find(chip, key)) return *known;
  GemmMapping found = map_gemm(group, work, ops.tensors, chip, kept);
  store->keep(chip, key, found);
  return found;
}

/// A pin that names the GEMM decides, else the best mapping.
GemmMapping choose(const OpGroup& group, const GemmWork& work, const SearchKey& key,
                   const OpList& ops, const MapperChip& chip, const PlanPolicy& policy,
                   const KeptTensors& kept) {
  const std::optional<GemmTiling> pinned = pinned_tiling(policy.pinned, group, work);
  if (!pinned) return best_mapping(group, work, key, ops, chip, kept);
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

}  // namespace

NetworkMapper::NetworkMapper(MapperChip chip, PlanPolicy policy)
    : chip_(std::move(chip)), policy_(std::move(policy)) {
  chip_.mapping = {policy_.objective, policy_.prices};
}

NetworkMapping NetworkMapper::map(const OpList& ops, const std::vector<Resident>& residents) {
  NetworkMapping mappings;
  const std::vector<KeptTensors> kept = kept_tensors(ops, residents);
  for (std::size_t g = 0; g < ops.groups.size(); ++g) {
    const OpGroup& group = ops.groups[g];
    std::vector<GemmMapping>& found = mappings.emplace_back();
    for (const GemmWork& work : group.gemms) {
      const bool pinned = !reuses_work() || pinned_tiling(policy_.pinned, group, work).has_value();
      const auto [entry, is_new] = known_.try_emplace(
          {pinned ? group.layer : "", SearchKey(group, work, ops.tensors, kept[g])});
      // Slices of a batch share a mapping by rule, not to save a search.
      const bool again = !reuses_work() && group.slice == 0;
      if (is_new || again || !fits(entry->second, group, work, ops, chip_, kept[g])) {
        entry->second = choose(group, work, entry->first.search, ops, chip_, policy_, kept[g]);
      }
      found.push_back(entry->second);
    }
  }
  return mappings;
}

}  // namespace mxsim
