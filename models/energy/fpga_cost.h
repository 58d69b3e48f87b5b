#pragma once

#include <cstdint>
#include <optional>

#include "models/energy/datapath.h"
#include "models/energy/work_formats.h"
#include "models/memory/built_buffer.h"

namespace mxsim {

/// Six-input LUTs and flip-flops of a multiply-accumulate unit on an FPGA, without DSP slices: a
/// multiplier of rows added on carry chains, for minifloats decoders and an aligner, and the
/// accumulator with its register.
struct FpgaMac {
  double multiplier_luts = 0;
  double aligner_luts = 0;
  double accumulator_luts = 0;
  double flops = 0;

  double luts() const { return multiplier_luts + aligner_luts + accumulator_luts; }
};

/// Closed form for integers and minifloats of 2 to 8 bits with exponents of at most 5 bits, whose
/// exact products are added to an integer of `sum_bits` (at most kMostFpgaSumBits); nothing for
/// others. Fitted to units that yosys 0.23 synthesised for UltraScale+
/// (scripts/make_fpga_costs.py, tests/data/energy/fpga_synthesis.csv).
std::optional<FpgaMac> fpga_mac(const OperandElement& a, const OperandElement& b,
                                std::int64_t sum_bits);
inline constexpr std::int64_t kMostFpgaSumBits = 128;
/// Of the closed form's LUTs against the synthesised units: mean and largest error.
inline constexpr double kFpgaMeanError = 0.10;
inline constexpr double kFpgaLargestError = 0.35;

/// DSP48E2 slices of one multiplier, which then has no LUTs: a slice makes four products of up to 4
/// bits or two of up to 8 bits that share an operand (AMD WP521, WP486).
double fpga_dsps(const OperandElement& a, const OperandElement& b);

/// Block RAMs of 36 Kib, at most 72 bits wide, of a memory.
std::int64_t block_rams(std::int64_t bits, std::int64_t word_bits);

/// A chip's array and buffers on an FPGA. Vector unit, re-quantizer and control are left out.
struct FpgaCost {
  double luts = 0;  ///< multiply-accumulate units in LUTs
  double flops = 0;
  double luts_with_dsps = 0;  ///< LUTs where DSP slices multiply
  double dsps = 0;
  std::int64_t block_rams = 0;
  std::int64_t sum_bits = 0;  ///< of the accumulators, lossless
};

/// With PEs for the largest pair of formats in use and accumulators for `terms` products. Nothing
/// where a pair is outside of the closed form, or scaled in blocks, whose sums are not integers.
std::optional<FpgaCost> fpga_cost(const ArraySpec& array, const BufferSet& buffers,
                                  const std::vector<WorkFormats>& in_use, std::int64_t terms);

/// Most products that a GEMM of the work sums up.
std::int64_t longest_sum(const OpList& ops);

}  // namespace mxsim
