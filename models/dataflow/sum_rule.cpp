#include "models/dataflow/sum_rule.h"

#include <limits>

#include "models/core/error.h"
#include "models/dataflow/block_sums.h"

namespace mxsim {
namespace {

/// No sum that largest_block_sum() accepts goes further.
constexpr std::int64_t kLossless = std::int64_t{1} << (kMostAccumulatorBits - 1);

}  // namespace

SumRule::SumRule(const ArraySpec& spec, const ArrayCommand& command)
    : SumRule(command.sum_on(spec), spec, command) {}

SumRule::SumRule(const SumFormat& sum, const ArraySpec& spec, const ArrayCommand& command)
    : blocks_(command.blocks),
      k_(command.k),
      vector_(adds_integers(sum.accumulator) ? 0 : command.width),
      accumulator_(sum.accumulator),
      exact_(uses_exact_blocks(spec, command)),
      chunk_(adds_integers(sum.accumulator) ? 0 : sum.chunk),
      largest_sum_(sum.accumulator == Accumulator::kFixed && sum.bits > 0
                       ? (std::int64_t{1} << (sum.bits - 1)) - 1
                       : kLossless) {
  ensure(chunk_ % command.width == 0, "a chunk of products ends inside a dot product");
}

bool SumRule::is_plain() const {
  return accumulator_ != Accumulator::kBf16 && chunk_ == 0 && !saturates();
}

bool SumRule::saturates() const { return exact_ && largest_sum_ < kLossless; }

bool SumRule::ends_part(std::int64_t m, std::int64_t k) const {
  return exact_ && (ends_block(blocks_, m, k) || (vector_ > 0 && (k + 1) % vector_ == 0));
}

std::int64_t SumRule::finished(std::int64_t m, std::int64_t pass_length) const {
  std::int64_t count = exact_ ? block_sums(blocks_, m, k_, vector_ > 0 ? vector_ : pass_length) : 0;
  if (chunk_ > 0) count += block_sums({chunk_, chunk_, 0}, k_, pass_length);
  return count;
}

}  // namespace mxsim
