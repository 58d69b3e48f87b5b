#pragma once

#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// One entry for each kind of operation.
void add_ops(std::vector<VectorOps>& all, const VectorOps& more);

}  // namespace mxsim
