#include "models/arithmetic/reference_gemm.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "models/arithmetic/operand_decoder.h"

namespace mxsim {
namespace {

__extension__ using Wide = __float128;

/// `x` rounded to nearest even BF16.
float to_bf16(Wide x) {
  const auto approximate = static_cast<double>(x);
  if (!std::isfinite(approximate) || approximate == 0) return static_cast<float>(approximate);
  const double step = std::ldexp(1.0, std::max(std::ilogb(approximate), -126) - 7);
  const Wide steps = x / static_cast<Wide>(step);
  auto whole = static_cast<std::int64_t>(steps);
  const Wide rest = steps - static_cast<Wide>(whole);
  const Wide distance = rest < 0 ? -rest : rest;
  if (distance > 0.5 || (distance == 0.5 && whole % 2 != 0)) whole += rest < 0 ? -1 : 1;
  const double rounded = static_cast<double>(whole) * step;
  return static_cast<float>(std::copysign(rounded, approximate));
}

class Reference {
 public:
  Reference(const ArraySpec& spec, const ArrayCommand& command, const TileData& data)
      : rule_(command.sum_on(spec)),
        command_(command),
        a_(numbers(data.a, *data.a_decoder)),
        b_columns_(columns(numbers(data.b, *data.b_decoder), command.n)),
        steps_(static_cast<Wide>(data.a_decoder->smallest_step()) *
               static_cast<Wide>(data.b_decoder->smallest_step())),
        integer_(rule_.accumulator == Accumulator::kExactBlock ||
                 rule_.accumulator == Accumulator::kFixed),
        exact_((integer_ || command.width > 1) && command.blocks.a_length > 0 &&
               command.blocks.b_length > 0) {}

  /// Partial sum of result (i, j) over elements begin .. end - 1 of the reduction.
  float sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    const std::int64_t chunk = integer_ ? 0 : rule_.chunk;
    float sum = 0.0F;
    if (chunk == 0) return chunk_sum(i, j, begin, end);
    for (std::int64_t k = begin; k < end;) {
      const std::int64_t past = std::min((k / chunk + 1) * chunk, end);
      sum = rounded(static_cast<Wide>(sum) + static_cast<Wide>(chunk_sum(i, j, k, past)));
      k = past;
    }
    return sum;
  }

  float rounded(Wide x) const {
    return rule_.accumulator == Accumulator::kBf16 ? to_bf16(x) : static_cast<float>(x);
  }

 private:
  /// An element by the definition of its format.
  struct Number {
    float value;
    std::int32_t steps;  ///< of the format's smallest step, where it has an exact view
    float scale;         ///< of its block
    float special;       ///< NaN or infinity; 0 for others
  };
  static std::vector<Number> numbers(std::span<const ArrayOperand> operands,
                                     const OperandDecoder& decoder) {
    const double step = decoder.smallest_step();
    std::vector<Number> numbers;
    numbers.reserve(operands.size());
    for (const ArrayOperand& operand : operands) {
      const double element = decoder.element(operand.code);
      const bool counted = step > 0 && std::isfinite(element);
      numbers.push_back({static_cast<float>(element * operand.scale),
                         counted ? static_cast<std::int32_t>(std::lround(element / step)) : 0,
                         operand.scale, std::isfinite(element) ? 0 : static_cast<float>(element)});
    }
    return numbers;
  }
  /// The columns of a matrix of `count` columns one after the other.
  static std::vector<Number> columns(const std::vector<Number>& matrix, std::int64_t count) {
    std::vector<Number> transposed;
    transposed.reserve(matrix.size());
    const auto step = static_cast<std::size_t>(count);
    for (std::size_t column = 0; column < step; ++column) {
      for (std::size_t i = column; i < matrix.size(); i += step) transposed.push_back(matrix[i]);
    }
    return transposed;
  }
  const Number& a(std::int64_t i, std::int64_t k) const {
    return a_[static_cast<std::size_t>(i * command_.k + k)];
  }
  const Number& b(std::int64_t k, std::int64_t j) const {
    return b_columns_[static_cast<std::size_t>(j * command_.k + k)];
  }

  float chunk_sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    return exact_ ? part_sum(i, j, begin, end) : plain_sum(i, j, begin, end);
  }

  float plain_sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    float sum = 0.0F;
    for (std::int64_t k = begin; k < end; ++k) {
      const float x = a(i, k).value;
      const float y = b(k, j).value;
      sum = rule_.accumulator == Accumulator::kBf16
                ? to_bf16(static_cast<Wide>(x) * static_cast<Wide>(y) + static_cast<Wide>(sum))
                : std::fma(x, y, sum);
    }
    return sum;
  }

  /// Whether the products of elements k and k + 1 of row i are added before anything is rounded.
  bool same_part(std::int64_t i, std::int64_t k) const {
    const ReductionBlocks& blocks = command_.blocks;
    const auto same = [&](std::int64_t offset, std::int64_t length) {
      return (offset + k) / length == (offset + k + 1) / length;
    };
    const bool same_vector = integer_ || k / command_.width == (k + 1) / command_.width;
    if (blocks.pieces) return same_vector && !blocks.pieces->ends(blocks.kind(i), k);
    return same_vector && same(blocks.offset, blocks.a_length) &&
           same(blocks.offset + blocks.b_shift, blocks.b_length);
  }

  std::int64_t saturated(std::int64_t sum) const {
    if (rule_.accumulator != Accumulator::kFixed || rule_.bits == 0) return sum;
    const std::int64_t bound = std::int64_t{1} << (rule_.bits - 1);
    return sum >= bound ? bound - 1 : sum < -bound ? -bound : sum;
  }

  float part_sum(std::int64_t i, std::int64_t j, std::int64_t begin, std::int64_t end) const {
    float sum = 0.0F;
    std::int64_t part = 0;
    double specials = 0;  // sum of all products that are no numbers
    for (std::int64_t k = begin; k < end; ++k) {
      const Number& x = a(i, k);
      const Number& y = b(k, j);
      if (x.special != 0 || y.special != 0) {
        specials += (x.special != 0 ? x.special : x.steps) * (y.special != 0 ? y.special : y.steps);
      }
      part = saturated(part + std::int64_t{x.steps} * y.steps);
      if (k + 1 < end && same_part(i, k)) continue;
      sum = rounded(static_cast<Wide>(sum) + static_cast<Wide>(part) * steps_ *
                                                 static_cast<Wide>(x.scale) *
                                                 static_cast<Wide>(y.scale));
      part = 0;
    }
    return specials == 0 ? sum : static_cast<float>(sum + specials);
  }

  SumFormat rule_;
  const ArrayCommand& command_;
  std::vector<Number> a_;
  std::vector<Number> b_columns_;
  Wide steps_;
  bool integer_;
  bool exact_;
};

}  // namespace

void reference_gemm(const ArraySpec& spec, const ArrayCommand& command, const TileData& data) {
  const Reference reference(spec, command, data);
  const std::int64_t pass =
      command.dataflow == Dataflow::kOutputStationary ? command.k : spec.rows * command.width;
  for (std::int64_t i = 0; i < command.m; ++i) {
    for (std::int64_t j = 0; j < command.n; ++j) {
      float& result = data.c[static_cast<std::size_t>(i * command.n + j)];
      for (std::int64_t k = 0; k < command.k; k += pass) {
        const float sum = reference.sum(i, j, k, std::min(k + pass, command.k));
        const bool adds = k > 0 || command.accumulate == Accumulate::kAdd;
        result = adds ? reference.rounded(static_cast<Wide>(result) + static_cast<Wide>(sum)) : sum;
      }
      if (std::isnan(result)) result = std::numeric_limits<float>::quiet_NaN();
    }
  }
}

}  // namespace mxsim
