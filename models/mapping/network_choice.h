#pragma once

#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/plan/plan_policy.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// What is decided about a whole network before its GEMMs are mapped.
struct NetworkChoice {
  Bytes kept{0};  ///< reserved part of the input buffer (residency.h)
  AttentionFusion fusion = AttentionFusion::kOff;  ///< kOn: chains run in slices that fit it

  bool operator==(const NetworkChoice&) const = default;
};

/// The work with the choice applied: cut into slices, or as it is.
OpList chosen_ops(const OpList& ops, const NetworkChoice& choice);
/// The policy with the choice in place of what it left open.
PlanPolicy chosen_policy(PlanPolicy policy, const NetworkChoice& choice);

/// What the policy fixes, and for what it leaves open the best of a few candidates: nothing kept;
/// parts in which a product, two and four of each chain fit, or one more whole tensor. Each that
/// saves enough traffic is planned and predicted (run_prediction.h) on `chip`, the chip with its
/// whole input buffer; the objective is taken over the whole run. A candidate has to be better than
/// nothing kept by half a percent.
NetworkChoice choose_network(const OpList& ops, const MapperChip& chip, Bytes dram_capacity,
                             const PlanPolicy& policy);

}  // namespace mxsim
