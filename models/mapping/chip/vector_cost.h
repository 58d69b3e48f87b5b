#pragma once

#include <cstdint>
#include <vector>

#include "models/chip/chip_spec.h"
#include "models/chip/post_processor.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Lanes and post-processor of the vector unit; a command takes the one that has it done first.
struct ElementwiseUnits {
  const VectorSpec& lanes;
  const PostProcessor& post_processor;
};

/// Cycles for each of many elements.
double cycles_per_element(const ElementwiseUnits& units, const std::vector<VectorOps>& ops);

/// Cycles that the vector unit computes for `elements` results in which `rows` rows end.
Cycles vector_cycles(const ElementwiseUnits& units, const std::vector<VectorOps>& ops,
                     std::int64_t elements, std::int64_t rows);

}  // namespace mxsim
