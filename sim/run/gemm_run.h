#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/dataflow/array_command.h"
#include "models/energy/energy_breakdown.h"
#include "models/energy/uncertainty.h"
#include "models/formats/layout.h"
#include "sim/config/chip_config.h"

namespace mxsim {

enum class BitCheck : std::uint8_t { kNone, kReference };

/// One GEMM on the arrays alone, C[m, n] = A[m, k] B[k, n]: operands are always there in time.
struct GemmRequest {
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
  ArraySpec array;
  Dataflow dataflow = Dataflow::kWeightStationary;
  DataLayout a_layout;  ///< m x k
  DataLayout b_layout;  ///< k x n
  Fidelity fidelity = Fidelity::kTile;
  std::uint64_t seed = 1;
  BitCheck check = BitCheck::kNone;
  std::string vcd;  ///< waveform file of every PE's registers (`pe`, at most 1024 PEs); "": none
  /// Buffers, clock and prices; none: no energy, and words of one element.
  std::shared_ptr<const ChipConfig> chip;

  /// Both operands in `format`: A in its default block, B in the same one transposed, so that both
  /// run along the reduction.
  void set_format(const FormatSpec& format);
};

/// The layout with rows and columns of its blocks exchanged.
DataLayout transposed(DataLayout layout);

struct GemmResult {
  GemmRequest request;
  ArrayCost cost;
  std::int64_t folds = 0;
  double mapping_efficiency = 0;
  std::int64_t width = 1;                  ///< products a PE adds in one step
  double utilization = 0;                  ///< MACs over PE-cycles times width
  std::optional<std::string> output_hash;  ///< FNV-1a of the FP32 results, if they were computed
  std::optional<bool> equals_reference;
  /// What SCALE-Sim reports as output words (scalesim timing): `os` counts its drain twice.
  std::optional<std::int64_t> scalesim_output_writes;
  std::optional<EnergyBreakdown> energy;  ///< of arrays and buffers
  std::optional<Band> energy_pj;
};

/// Throws InputError unless sizes and counts stay in range and the fidelity can do the timing.
void validate(const GemmRequest& request);

/// Results in the order of the requests. Bits are computed with `pe`, with a check, with zero
/// gating, and for GEMMs of at most 2^32 MACs and 2^24 elements a matrix.
std::vector<GemmResult> run_gemms(const std::vector<GemmRequest>& requests);

}  // namespace mxsim
