#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/memory/residency.h"
#include "models/mapping/plan/gemm_mapping.h"
#include "models/mapping/plan/plan_policy.h"
#include "models/mapping/search/search_key.h"

namespace mxsim {

/// Searches networks for one chip. GEMMs of equal shape are searched once, over all networks.
class NetworkMapper {
 public:
  NetworkMapper(MapperChip chip, PlanPolicy policy);

  /// The best mappings, or those that are pinned. Throws InputError when not even the smallest tile
  /// of a GEMM fits.
  NetworkMapping map(const OpList& ops, const std::vector<Resident>& residents);

 private:
  /// A pin may name the layer.
  struct LayerKey {
    std::string pinned_layer;
    SearchKey search;
    bool operator==(const LayerKey&) const = default;
    struct Hash {
      std::size_t operator()(const LayerKey& key) const { return SearchKey::Hash()(key.search); }
    };
  };

  MapperChip chip_;
  PlanPolicy policy_;
  std::unordered_map<LayerKey, GemmMapping, LayerKey::Hash> known_;
};

}  // namespace mxsim
