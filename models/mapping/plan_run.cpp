#include "models/mapping/plan_run.h"

#include <utility>

#include "models/mapping/network_mapping.h"

namespace mxsim {

RunPlan plan_run(const OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                 const PlanPolicy& policy) {
  std::vector<Resident> residents = plan_residency(ops, policy.kept_bytes());
  // Refuses tensors that do not fit before the search, which takes minutes on shapes of that size.
  [[maybe_unused]] const MemoryPlan fits(ops, dram_capacity, Bytes(0), residents);
  NetworkMapping mappings = NetworkMapper(chip, policy).map(ops, residents);
  return {ops, chip, dram_capacity, std::move(mappings), std::move(residents), policy};
}

}  // namespace mxsim
