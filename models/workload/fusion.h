#pragma once

#include <vector>

#include "models/workload/step.h"

namespace mxsim {

/// Steps that run as one group of the OpList: `chain` (its head first) and the reductions that ride
/// along. Indices into StepList::steps.
struct FusedGroup {
  std::vector<std::int32_t> chain;
  std::vector<std::int32_t> reductions;
};

/// Rules of fusion. A group is a head (a GEMM, a pooling, or the first step of any kind) and the
/// elementwise steps that follow, as long as
///   - the value computed so far is no result of the network, and its first reader besides
///     reductions that ride along is elementwise, on the same rows x columns, in the same pass
///     (for later readers the value is stored as well);
///   - everything else it reads exists already: given, or computed by an earlier group; behind a
///     GEMM, whose results come tile by tile, it has the grid's rows and columns too.
/// A reduction (batch norm statistics, bias gradient) over a value of the chain on the same grid
/// rides along if its other inputs exist already and it is no part of the update alone. What needs
/// its result therefore starts a new group. A reduction that can ride nowhere is a group of its
/// own. Groups stand in the order of their heads.
std::vector<FusedGroup> fuse(const StepList& list);

}  // namespace mxsim
