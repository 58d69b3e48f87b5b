#pragma once

#include <cstdint>

#include "models/arithmetic/mac.h"

namespace mxsim {

/// Policies of a PE's adder: how one product enters a partial sum, and how many block sums that
/// finished. `ends_block`: a block of either operand or the pass ends with this product.

struct ExactProductLane {
  static std::uint64_t mac(PartialSum& sum, const ArrayOperand& a, const ArrayOperand& b, bool) {
    sum.value = add_exact_product(sum.value, a.value, b.value);
    return 0;
  }
};

struct FusedLane {
  static std::uint64_t mac(PartialSum& sum, const ArrayOperand& a, const ArrayOperand& b, bool) {
    sum.value = add_product(sum.value, a.value, b.value);
    return 0;
  }
};

struct BlockLane {
  static std::uint64_t mac(PartialSum& sum, const ArrayOperand& a, const ArrayOperand& b,
                           bool ends_block) {
    sum.block += std::int64_t{a.fixed} * b.fixed;
    if (!ends_block) return 0;
    close_block(sum, a.scale, b.scale);
    return 1;
  }
};

}  // namespace mxsim
