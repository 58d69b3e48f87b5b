#include "models/arithmetic/reference_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mxsim {
namespace {

__extension__ using Wide = __float128;

class Reference {
 public:
  Reference(const ArraySpec& spec, const ArrayCommand& command, const TileData& data)
      : command_(command),
        data_(data),
        exact_(spec.accumulator == Accumulator::kExactBlock && command.blocks.a_length > 0 &&
               command.blocks.b_length > 0) {}

  /// Partial sum of result (i, j) over elements begin .. end - 1 of the reduction.
  float sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    return exact_ ? block_sum(i, j, begin, end) : plain_sum(i, j, begin, end);
  }

 private:
  const ArrayOperand& a(std::int64_t i, std::int64_t k) const {
    return data_.a[static_cast<std::size_t>(i * command_.k + k)];
  }
  const ArrayOperand& b(std::int64_t k, std::int64_t j) const {
    return data_.b[static_cast<std::size_t>(k * command_.n + j)];
  }

  float plain_sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    float sum = 0.0F;
    for (std::int64_t k = begin; k < end; ++k) sum = std::fma(a(i, k).value, b(k, j).value, sum);
    return sum;
  }

  bool same_block(std::int64_t k, std::int64_t other) const {
    const ReductionBlocks& blocks = command_.blocks;
    const auto same = [&](std::int64_t offset, std::int64_t length) {
      return (offset + k) / length == (offset + other) / length;
    };
    return same(blocks.offset, blocks.a_length) &&
           same(blocks.offset + blocks.b_shift, blocks.b_length);
  }

  float block_sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    float sum = 0.0F;
    std::int64_t block = 0;
    for (std::int64_t k = begin; k < end; ++k) {
      const ArrayOperand& x = a(i, k);
      const ArrayOperand& y = b(k, j);
      block += std::int64_t{x.fixed} * y.fixed;
      if (k + 1 < end && same_block(k, k + 1)) continue;
      const bool poisoned =
          x.scale == ArrayOperand::kNanScale || y.scale == ArrayOperand::kNanScale;
      const Wide scale = std::ldexp(1.0, x.scale + y.scale);
      sum = poisoned
                ? std::numeric_limits<float>::quiet_NaN()
                : static_cast<float>(static_cast<Wide>(sum) + static_cast<Wide>(block) * scale);
      block = 0;
    }
    return sum;
  }

  const ArrayCommand& command_;
  const TileData& data_;
  bool exact_;
};

}  // namespace

void reference_gemm(const ArraySpec& spec, const ArrayCommand& command, const TileData& data) {
  const Reference reference(spec, command, data);
  const std::int64_t pass = command.dataflow == Dataflow::kOutputStationary ? command.k : spec.rows;
  for (std::int64_t i = 0; i < command.m; ++i) {
    for (std::int64_t j = 0; j < command.n; ++j) {
      float& result = data.c[static_cast<std::size_t>(i * command.n + j)];
      for (std::int64_t k = 0; k < command.k; k += pass) {
        const float sum = reference.sum(i, j, k, std::min(k + pass, command.k));
        result = k > 0 || command.accumulate == Accumulate::kAdd ? result + sum : sum;
      }
      if (std::isnan(result)) result = std::numeric_limits<float>::quiet_NaN();
    }
  }
}

}  // namespace mxsim
