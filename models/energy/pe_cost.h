#pragma once

#include "models/energy/datapath.h"
#include "models/energy/price.h"
#include "models/energy/technology_table.h"

namespace mxsim {

enum class PeCostBasis : std::uint8_t { kSynthesised, kClosedForm };

/// What a processing element is built for.
struct PeDesign {
  Accumulator accumulator = Accumulator::kFp32;
  std::int64_t accumulator_bits = 0;  ///< kFixed: as ArraySpec
  std::int64_t width = 1;             ///< products a step
  /// kFp32, kBf16: whether the products of a step are summed exactly first, or each is rounded.
  bool rounds_once = width > 1;
  std::int64_t pes_per_scale_unit = ArraySpec{}.pes_per_scale_unit;  ///< of integer accumulators

  PeDesign(Accumulator kind, std::int64_t bits = 0, std::int64_t products = 1)
      : accumulator(kind), accumulator_bits(bits), width(products) {}
};

/// The PE of an array while it multiplies operands of these formats.
PeDesign pe_design(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b);

/// What one processing element costs for one pair of operand formats.
struct PeCost {
  UncertainPrice mac_pj;
  UncertainPrice block_end_pj;     ///< scaling a finished exact sum into the accumulator
  UncertainPrice mac_nand2;        ///< all multipliers of the PE
  UncertainPrice block_end_nand2;  ///< a PE's share of the block-end unit; 0 without exact sums
  PeCostBasis basis = PeCostBasis::kSynthesised;
};

/// From the synthesised unit where there is one for the pair and accumulator, else from the
/// datapath closed form.
PeCost pe_cost(const TechnologyTable& table, const FormatSpec& a, const FormatSpec& b,
               const PeDesign& design);

/// Flops of a PE, in bits, as the datapath closed form has them: registers of the operands of all
/// its products, and of one sum.
std::int64_t pe_flop_bits(const TechnologyTable& table, const FormatSpec& a, const FormatSpec& b,
                          const PeDesign& design);
/// Of the PE of bf16_mac_pj().
std::int64_t bf16_flop_bits(const TechnologyTable& table);

/// pJ of a BF16 multiply-accumulate with FP32 sum: the yardstick of format-independent costs.
UncertainPrice bf16_mac_pj(const TechnologyTable& table);

}  // namespace mxsim
