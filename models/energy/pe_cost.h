#pragma once

#include "models/energy/datapath.h"
#include "models/energy/price.h"
#include "models/energy/technology_table.h"

namespace mxsim {

enum class PeCostBasis : std::uint8_t { kSynthesised, kClosedForm };

/// What one processing element costs for one pair of operand formats.
struct PeCost {
  UncertainPrice mac_pj;
  UncertainPrice block_end_pj;  ///< scaling a finished exact block sum into the FP32 accumulator
  UncertainPrice mac_nand2;
  UncertainPrice block_end_nand2;  ///< a PE's share of the block-end unit; 0 without exact sums
  PeCostBasis basis = PeCostBasis::kSynthesised;
};

/// From the synthesised unit where there is one for the pair and accumulator, else from the
/// datapath closed form.
PeCost pe_cost(const TechnologyTable& table, const FormatSpec& a, const FormatSpec& b,
               Accumulator accumulator);

/// pJ of a BF16 multiply-accumulate with FP32 sum: the yardstick of format-independent costs.
UncertainPrice bf16_mac_pj(const TechnologyTable& table);

}  // namespace mxsim
