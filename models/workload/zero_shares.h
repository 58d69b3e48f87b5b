#pragma once

#include <string>
#include <vector>

#include "models/core/pass.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Shares of zeros, 0 .. 1, among the operands of some layers' GEMMs, by tensor role.
/// Timing runs have no values: zero gating skips products by these.
struct ZeroShare {
  std::string layers = ".*";  ///< regular expression (ECMAScript) that the whole layer name matches
  std::vector<Pass> passes;   ///< it holds for; empty: all
  double weights = 0;
  double activations = 0;
  double gradients = 0;
};

/// Writes the shares into the GEMMs; the first that matches layer and pass decides. Throws
/// InputError for a pattern that is no regular expression or matches no layer (pointers below
/// "/zeros" of a run file).
void state_zeros(const std::vector<ZeroShare>& shares, OpList& ops);

}  // namespace mxsim
