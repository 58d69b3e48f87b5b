#include "models/mapping/search/packing_choice.h"

#include <algorithm>
#include <vector>

#include "models/mapping/search/mapping_model.h"
#include "models/workload/group_packing.h"

namespace mxsim {
namespace {

constexpr double kTolerance = 1.02;

struct Packing {
  GemmWork work;
  double cycles = 0;
  std::int64_t bytes = 0;
};

/// Of the layer's products one by one, each as a single tile.
Packing weighed(const OpGroup& group, GemmWork work, const std::vector<StoredTensor>& tensors,
                const MapperChip& chip) {
  const GemmTiling whole{work.images, work.h.out, work.w.out, work.channels, work.n, {}};
  const MappingCost cost = MappingModel(group, work, tensors, chip).cost(whole);
  return {work, std::max({cost.array_cycles, cost.dram_cycles, cost.channel_cycles}),
          cost.traffic.total()};
}

GemmWork best(const OpGroup& group, const GemmWork& work, const std::vector<StoredTensor>& tensors,
              const MapperChip& chip) {
  std::vector<Packing> packings;
  for (const std::int64_t packed : possible_packings(work, chip.array)) {
    packings.push_back(weighed(group, pack_groups(unpack_groups(work), packed), tensors, chip));
  }
  const auto faster = [](const Packing& a, const Packing& b) { return a.cycles < b.cycles; };
  const double most =
      kTolerance * std::min_element(packings.begin(), packings.end(), faster)->cycles;
  std::erase_if(packings, [&](const Packing& each) { return each.cycles > most; });
  const auto moves_less = [](const Packing& a, const Packing& b) { return a.bytes < b.bytes; };
  return std::min_element(packings.begin(), packings.end(), moves_less)->work;
}

}  // namespace

void choose_packings(OpList& ops, const MapperChip& chip) {
  for (OpGroup& group : ops.groups) {
    for (GemmWork& work : group.gemms) {
      if (chip.unrolling.one_tap() && work.kind == GemmKind::kWindow && work.taps() > 1) {
        work = unpack_groups(work);
        continue;
      }
      if (possible_packings(work, chip.array).size() > 1) {
        work = best(group, work, ops.tensors, chip);
      }
    }
  }
}

}  // namespace mxsim
