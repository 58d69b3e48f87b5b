#include "sim/run/explain_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"
#include "models/mapping/search/mapping_model.h"
#include "models/mapping/search/search_key.h"
#include "models/workload/lower.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

constexpr std::size_t kListed = 6;  // the chosen one and five runners-up

std::vector<TensorPlace> places_of(const OpList& ops, const OpGroup& group, const GemmWork& work) {
  std::vector<TensorPlace> places;
  const auto add = [&](const char* use, TensorId id) {
    const StoredTensor& tensor = ops.tensors[static_cast<std::size_t>(id)];
    places.push_back({use, tensor.name, tensor.tile});
  };
  add("left", work.a);
  add("right", work.b);
  for (const TensorId id : group.streamed_reads) add("streamed", id);
  for (const TensorWrite& write : group.writes) add("results", write.tensor);
  return places;
}

GemmExplanation explain(const OpList& ops, const OpGroup& group, std::size_t index,
                        const PlanPolicy& policy, const MapperChip& chip, const KeptTensors& kept) {
  GemmExplanation gemm;
  gemm.pass = group.pass;
  gemm.op = group.op;
  gemm.gemm = index;
  gemm.work = group.gemms[index];
  gemm.best = best_mappings(group, gemm.work, ops.tensors, chip, kListed, kept);
  gemm.chosen = gemm.best.front();
  if (const auto pinned = pinned_tiling(policy.pinned, group, gemm.work)) {
    gemm.origin = MappingOrigin::kPinned;
    gemm.chosen = {*pinned, MappingModel(group, gemm.work, ops.tensors, chip, kept).cost(*pinned)};
  }
  gemm.places = places_of(ops, group, gemm.work);
  gemm.group_bound = traffic_bound(ops, group, on_chip_bytes(chip), kept, chip.compression);
  return gemm;
}

[[noreturn]] void refuse(const OpList& ops, const std::string& layer) {
  std::vector<std::string> names;
  for (const OpGroup& group : ops.groups) {
    if (!group.gemms.empty()) names.push_back(group.layer);
  }
  throw InputError("--explain: \"" + layer + "\" is no layer with a GEMM" +
                   did_you_mean(layer, names));
}

struct Explained {
  std::size_t gemm;
  std::string op;
  SearchKey key;
  bool operator==(const Explained&) const = default;
};

}  // namespace

LayerExplanation explain_layer(const RunConfig& config, const std::string& layer) {
  const DramDevice dram = dram_device(config.chip.dram);
  const auto [ops, policy, choice, mapping] = planned_work(config, dram);
  MapperChip chip = mapper_chip(config.chip, dram, ops, choice.kept);
  chip.mapping = {policy.objective, policy.prices};
  LayerExplanation explanation{layer, policy.objective, {}};
  const std::vector<KeptTensors> kept = kept_tensors(ops, plan_residency(ops, choice.kept));
  std::vector<Explained> explained;  // micro-batches and slices repeat the groups of a layer
  for (std::size_t g = 0; g < ops.groups.size(); ++g) {
    const OpGroup& group = ops.groups[g];
    if (group.layer != layer) continue;
    for (std::size_t i = 0; i < group.gemms.size(); ++i) {
      Explained gemm{i, group.op, SearchKey(group, group.gemms[i], ops.tensors, kept[g])};
      if (std::find(explained.begin(), explained.end(), gemm) != explained.end()) continue;
      explained.push_back(std::move(gemm));
      explanation.gemms.push_back(explain(ops, group, i, policy, chip, kept[g]));
    }
  }
  if (explanation.gemms.empty()) refuse(ops, layer);
  return explanation;
}

}  // namespace mxsim
