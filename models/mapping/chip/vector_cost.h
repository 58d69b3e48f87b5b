#pragma once

#include <cstdint>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Cycles that one lane of the vector unit spends on one element: at least 1 for passing it
/// through.
std::int64_t lane_cycles(const VectorSpec& spec, const std::vector<VectorOps>& ops);

/// Cycles that the vector unit computes for `elements` results in which `rows` rows end.
Cycles vector_cycles(const VectorSpec& spec, const std::vector<VectorOps>& ops,
                     std::int64_t elements, std::int64_t rows);

}  // namespace mxsim
