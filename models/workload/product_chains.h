#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// Groups that run slice by slice together, in their order.
struct ProductChain {
  std::vector<std::int32_t> groups;
  std::vector<std::int32_t> before;  ///< independent ones that stand between them
};

/// Chains that share tensors, and so their slices.
struct ProductFamily {
  std::int64_t products = 1;
  std::vector<ProductChain> chains;
  std::vector<TensorId> tensors;  ///< that are cut
};

/// What slice_products() can cut.
std::vector<ProductFamily> product_families(const OpList& ops);

}  // namespace mxsim
