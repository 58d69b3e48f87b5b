#include "sim/run/run_details.h"

#include <algorithm>

#include "models/mapping/memory/address_allocation.h"
#include "models/mapping/memory/memory_plan.h"
#include "models/mapping/memory/tensor_lifetime.h"

namespace mxsim {

void add_mapping(std::vector<LayerMapping>& mappings, const OpGroup& group, std::size_t index,
                 const GemmMapping& mapping) {
  const GemmWork& work = group.gemms[index];
  const auto same = std::find_if(mappings.begin(), mappings.end(), [&](const LayerMapping& each) {
    return each.op == group.op && each.gemm == index && each.m == work.gemm_m() &&
           each.k == work.gemm_k() && each.n == work.n && each.products == work.products() &&
           each.mapping.tiling == mapping.tiling;
  });
  if (same != mappings.end()) {
    ++same->times;
    return;
  }
  mappings.push_back(
      {group.op, index, work.gemm_m(), work.gemm_k(), work.n, work.products(), mapping, 1});
}

std::vector<Bytes> live_dram(const OpList& ops, const std::vector<Resident>& residents) {
  std::vector<std::int64_t> sizes;
  for (const StoredTensor& tensor : ops.tensors) {
    const bool has_room = tensor.tail_of < 0;
    sizes.push_back(has_room ? round_up(tensor.bytes().count(), MemoryPlan::kAlignment) : 0);
  }
  for (const Resident& resident : residents) {
    if (resident.copy == Resident::Copy::kNone) {
      sizes[static_cast<std::size_t>(resident.tensor)] = 0;
    }
  }
  const std::vector<Lifetime> lifetimes = tensor_lifetimes(ops);
  std::vector<std::int64_t> change(ops.groups.size() + 2, 0);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    change[static_cast<std::size_t>(lifetimes[i].first)] += sizes[i];
    change[static_cast<std::size_t>(lifetimes[i].last) + 1] -= sizes[i];
  }
  std::vector<Bytes> live;
  std::int64_t bytes = 0;
  for (std::size_t group = 0; group < ops.groups.size(); ++group) {
    bytes += change[group];
    live.emplace_back(bytes);
  }
  return live;
}

}  // namespace mxsim
