#include "models/workload/zero_shares.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/workload/layer_pattern.h"

namespace mxsim {
namespace {

bool holds_for(const ZeroShare& share, Pass pass) {
  return share.passes.empty() ||
         std::find(share.passes.begin(), share.passes.end(), like(pass)) != share.passes.end();
}

double of_role(const ZeroShare& share, TensorRole role) {
  if (role == TensorRole::kWeight) return share.weights;
  if (role == TensorRole::kGradient) return share.gradients;
  return share.activations;
}

}  // namespace

void state_zeros(const std::vector<ZeroShare>& shares, OpList& ops) {
  std::vector<Diagnostic> faults;
  // Backwards: an earlier share overwrites a later one.
  for (std::size_t i = shares.size(); i-- > 0;) {
    const ZeroShare& share = shares[i];
    const std::string pointer = "/zeros/" + std::to_string(i) + "/layers";
    bool matched = false;
    try {
      const LayerPattern pattern(share.layers);
      for (OpGroup& group : ops.groups) {
        if (!pattern.matches(group.layer)) continue;
        matched = true;
        if (!holds_for(share, group.pass)) continue;
        for (GemmWork& work : group.gemms) {
          work.zeros_a = of_role(share, work.role_a);
          work.zeros_b = of_role(share, work.role_b);
        }
      }
      if (!matched) faults.push_back({"", pointer, "\"" + share.layers + "\" matches no layer"});
    } catch (const InputError& error) {
      faults.push_back({"", pointer, error.diagnostics().front().message});
    }
  }
  if (!faults.empty()) throw InputError(std::move(faults));
}

}  // namespace mxsim
