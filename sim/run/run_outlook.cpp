#include "sim/run/run_outlook.h"

#include <algorithm>
#include <limits>

#include "models/mapping/memory/memory_plan.h"
#include "models/workload/lower.h"
#include "sim/run/request_run.h"

namespace mxsim {

RunOutlook run_outlook(const RunConfig& run) {
  const TimeTerms terms = time_terms(run);
  return {placement_of(run), terms, estimated_seconds(terms)};
}

TensorDram tensor_dram(const RunConfig& run) {
  constexpr Bytes kAnyCapacity(std::numeric_limits<std::int64_t>::max());
  TensorDram memory;
  memory.capacity = Bytes(dram_device(run.chip.dram).organisation.capacity_bytes());
  for (const RunConfig& phase : phases_of(run)) {
    const OpList ops = lower(phase.workload, lowering_policy(phase));
    const auto residents = plan_residency(ops, phase.mapping.kept_bytes());
    memory.used = std::max(memory.used, MemoryPlan(ops, kAnyCapacity, Bytes(0), residents).used());
  }
  return memory;
}

}  // namespace mxsim
