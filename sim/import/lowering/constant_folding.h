#pragma once

#include <optional>
#include <vector>

#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// Constants of more elements are known by shape alone.
inline constexpr std::int64_t kMostFoldedElements = 1 << 16;

/// The value of a node whose inputs are constants, where it is an operator that exporters compute
/// shapes, masks and indices with: arithmetic, comparisons, Cast, Gather, Slice, Concat, Reshape,
/// Unsqueeze, Squeeze, Transpose, Range, ConstantOfShape, Where, Expand, reductions. `shape` is the
/// result's. Nothing for other operators or unknown values.
std::optional<ConstantValues> fold_constant(const NetNode& node,
                                            const std::vector<NetTensor>& tensors,
                                            const Shape& shape);

}  // namespace mxsim
