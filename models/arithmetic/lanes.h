#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "models/arithmetic/mac.h"
#include "models/dataflow/sum_rule.h"

namespace mxsim {

/// What ends with a product; at the end of a pass all that is open does.
struct SumEnds {
  bool part = false;   ///< an exact part
  bool chunk = false;  ///< a chunk
};

/// Adders of a PE: how one product enters a partial sum, and how many exact parts and chunks that
/// finished. GeneralLane does whatever a rule asks for, the others its common cases faster.

struct ExactProductLane {
  explicit ExactProductLane(const SumRule&) {}
  std::uint64_t mac(PartialSum& sum, const DecodedOperand& a, const DecodedOperand& b,
                    SumEnds) const {
    sum.value = add_exact_product(sum.value, a.value, b.value);
    return 0;
  }
};

struct FusedLane {
  explicit FusedLane(const SumRule&) {}
  std::uint64_t mac(PartialSum& sum, const DecodedOperand& a, const DecodedOperand& b,
                    SumEnds) const {
    sum.value = add_product(sum.value, a.value, b.value);
    return 0;
  }
};

struct BlockLane {
  explicit BlockLane(const SumRule&) {}
  std::uint64_t mac(PartialSum& sum, const DecodedOperand& a, const DecodedOperand& b,
                    SumEnds ends) const {
    if (a.is_countable() && b.is_countable()) [[likely]] {
      sum.block += std::int64_t{a.fixed} * b.fixed;
    } else {
      sum.value += static_cast<float>(a.steps() * b.steps());
    }
    if (!ends.part) return 0;
    sum.value = add_part(sum.value, sum.block, a, b);
    sum.block = 0;
    return 1;
  }
};

class GeneralLane {
 public:
  explicit GeneralLane(const SumRule& rule)
      : exact_(rule.exact()),
        chunked_(rule.chunk() > 0),
        bf16_(rule.accumulator() == Accumulator::kBf16),
        most_(rule.largest_sum()) {}

  std::uint64_t mac(PartialSum& sum, const DecodedOperand& a, const DecodedOperand& b,
                    SumEnds ends) const {
    float& target = chunked_ ? sum.chunk : sum.value;
    std::uint64_t finished = 0;
    if (!exact_) {
      const double product = static_cast<double>(a.value) * b.value;
      target = bf16_ ? add_rounded_to_bf16(target, product) : add_rounded_once(target, product);
    } else {
      count(sum.block, target, a, b);
      if (ends.part) {
        target =
            bf16_ ? add_part_to_bf16(target, sum.block, a, b) : add_part(target, sum.block, a, b);
        sum.block = 0;
        ++finished;
      }
    }
    if (chunked_ && ends.chunk) {
      sum.value = bf16_ ? add_rounded_to_bf16(sum.value, sum.chunk)
                        : add_rounded_once(sum.value, sum.chunk);
      sum.chunk = 0.0F;
      ++finished;
    }
    return finished;
  }

 private:
  /// Adds a product to the open part, or to its target what no integer holds.
  void count(std::int64_t& part, float& target, const DecodedOperand& a,
             const DecodedOperand& b) const {
    if (a.is_countable() && b.is_countable()) [[likely]] {
      part = std::clamp(part + std::int64_t{a.fixed} * b.fixed, -most_ - 1, most_);
    } else {
      target += static_cast<float>(a.steps() * b.steps());
    }
  }

  bool exact_;
  bool chunked_;
  bool bf16_;
  std::int64_t most_;
};

}  // namespace mxsim
