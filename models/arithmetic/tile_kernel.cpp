#include "models/arithmetic/tile_kernel.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <utility>
#include <vector>

#include "models/arithmetic/mac.h"
#include "models/arithmetic/panels.h"
#include "models/core/error.h"
#include "models/dataflow/dataflow_table.h"
#include "models/dataflow/sum_rule.h"

namespace mxsim {
namespace {

/// Bounds of the finite non-zero values of an operand.
struct ValueRange {
  int significand_bits = 0;
  int lowest_bit = 0;  ///< exponent of the lowest bit set in any value
  int top_bit = 0;
};

ValueRange value_range(std::span<const ArrayOperand> operands, const OperandDecoder& decoder) {
  ValueRange range;
  bool first = true;
  for (const ArrayOperand& operand : operands) {
    const float value = decoder.decode(operand).value;
    if (!std::isfinite(value) || value == 0) continue;
    int exponent = 0;
    const float fraction = std::frexp(std::abs(value), &exponent);
    const auto significand = static_cast<std::uint32_t>(std::ldexp(fraction, 24));
    const int bits = 24 - std::countr_zero(significand);
    const int lowest = exponent - bits;
    range.significand_bits = std::max(range.significand_bits, bits);
    range.lowest_bit = first ? lowest : std::min(range.lowest_bit, lowest);
    range.top_bit = first ? exponent : std::max(range.top_bit, exponent);
    first = false;
  }
  return range;
}

/// Adds `sum` of result (i, j) to the accumulators as the end of a pass does.
void finish_result(Accumulator accumulator, float& target, float sum, Accumulate mode) {
  target = stored(mode == Accumulate::kAdd ? add_sums(accumulator, target, sum) : sum);
}

/// All results of one k-pass, elements k_begin .. k_end - 1 of the reduction.
template <class Kernel>
void run_pass(Accumulator accumulator, const ArrayCommand& command, const TileData& data,
              std::int64_t k_begin, std::int64_t k_end, Accumulate mode, const Kernel& kernel) {
  for (std::int64_t j = 0; j < command.n; j += kPanelCols) {
    for (std::int64_t i = 0; i < command.m; i += kPanelRows) {
      float sums[kPanelRows][kPanelCols];
      kernel(i / kPanelRows, j / kPanelCols, k_begin, k_end, sums);
      for (std::int64_t r = 0; r < std::min(kPanelRows, command.m - i); ++r) {
        float* results = data.c.data() + (i + r) * command.n + j;
        for (std::int64_t c = 0; c < std::min(kPanelCols, command.n - j); ++c) {
          finish_result(accumulator, results[c], sums[r][c], mode);
        }
      }
    }
  }
}

template <class Kernel>
void run_passes(const ArraySpec& spec, const ArrayCommand& command, const TileData& data,
                const Kernel& kernel) {
  const std::int64_t length = info(command.dataflow).pass_reduction(spec, command);
  for (std::int64_t k = 0; k < command.k; k += length) {
    run_pass(command.sum_on(spec).accumulator, command, data, k, std::min(k + length, command.k),
             k == 0 ? command.accumulate : Accumulate::kAdd, kernel);
  }
}

}  // namespace

bool exact_products(const TileData& data) {
  const ValueRange x = value_range(data.a, *data.a_decoder);
  const ValueRange y = value_range(data.b, *data.b_decoder);
  return x.significand_bits + y.significand_bits <= 24 && x.lowest_bit + y.lowest_bit >= -149 &&
         x.top_bit + y.top_bit <= 127;
}

double largest_block_sum(const ArrayCommand& command, const TileData& data) {
  const auto largest = [](std::span<const ArrayOperand> operands, const OperandDecoder& decoder) {
    std::int64_t bound = 0;
    for (const ArrayOperand& operand : operands) {
      const DecodedOperand decoded = decoder.decode(operand);
      if (decoded.is_countable()) bound = std::max(bound, std::abs(std::int64_t{decoded.fixed}));
    }
    return static_cast<double>(bound);
  };
  const auto length = std::min({command.blocks.a_length, command.blocks.b_length, command.k});
  const double sum = largest(data.a, *data.a_decoder) * largest(data.b, *data.b_decoder) *
                     static_cast<double>(length);
  ensure(sum <= std::ldexp(1.0, kMostAccumulatorBits - 1),
         "a block sum could leave the exact range");
  return sum;
}

std::int64_t gated_macs(const ArraySpec& spec, const ArrayCommand& command, const TileData& data) {
  if (spec.zero_gating == ZeroGating::kOff) return 0;
  if (command.zero_products) return stated_gated_macs(spec, command);
  ensure(!data.empty(), "zero gating cannot be counted without operands");
  struct Line {
    std::int64_t zeros = 0;
    std::int64_t finite = 0;
    void count(float value) {
      zeros += value == 0 ? 1 : 0;
      finite += std::isfinite(value) ? 1 : 0;
    }
  };
  std::vector<Line> a(static_cast<std::size_t>(command.k));
  std::vector<Line> b(a.size());
  for (std::size_t i = 0; i < data.a.size(); ++i) {
    a[i % a.size()].count(data.a_decoder->decode(data.a[i]).value);
  }
  const auto width = static_cast<std::size_t>(command.n);
  for (std::size_t i = 0; i < data.b.size(); ++i) {
    b[i / width].count(data.b_decoder->decode(data.b[i]).value);
  }
  std::int64_t gated = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    gated += a[k].zeros * b[k].finite + b[k].zeros * a[k].finite - a[k].zeros * b[k].zeros;
  }
  return gated;
}

void compute_tile(const ArraySpec& spec, const ArrayCommand& command, const TileData& data) {
  constexpr double kExactInDouble = 0x1p53;
  const SumRule rule(spec, command);
  const bool lossless = rule.exact() && !rule.saturates();
  const bool long_sums = lossless && largest_block_sum(command, data) > kExactInDouble;
  if (!rule.is_plain() || long_sums) {
    run_passes(spec, command, data, GeneralPanels(rule, command, data));
  } else if (rule.exact()) {
    run_passes(spec, command, data, BlockPanels(rule, command, data));
  } else {
    run_passes(spec, command, data, Fp32Panels(command, data, exact_products(data)));
  }
}

}  // namespace mxsim
