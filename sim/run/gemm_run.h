#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/dataflow/array_command.h"
#include "models/formats/layout.h"

namespace mxsim {

enum class BitCheck : std::uint8_t { kNone, kReference };

/// One GEMM on the array alone, C[m, n] = A[m, k] B[k, n]: operands are always there in time, one
/// word of SRAM is one element.
struct GemmRequest {
  std::int64_t m = 1;
  std::int64_t n = 1;
  std::int64_t k = 1;
  ArraySpec array;
  Dataflow dataflow = Dataflow::kWeightStationary;
  DataLayout layout;  ///< of A; B has the block turned, so that both run along the reduction
  Fidelity fidelity = Fidelity::kTile;
  std::uint64_t seed = 1;
  BitCheck check = BitCheck::kNone;
  std::string vcd;  ///< waveform file of every PE's registers (`pe`, at most 1024 PEs); "": none
};

struct GemmResult {
  GemmRequest request;
  ArrayCost cost;
  std::int64_t folds = 0;
  double mapping_efficiency = 0;
  double utilization = 0;                  ///< MACs over PE-cycles
  std::optional<std::string> output_hash;  ///< FNV-1a of the FP32 results, if they were computed
  std::optional<bool> equals_reference;
  /// What SCALE-Sim reports as output words (scalesim timing): `os` counts its drain twice.
  std::optional<std::int64_t> scalesim_output_writes;
};

/// Throws InputError unless sizes and counts stay in range and the fidelity can do the timing.
void validate(const GemmRequest& request);

/// Results in the order of the requests. Bits are computed with `pe`, with a check, and for GEMMs
/// of at most 2^32 MACs and 2^24 elements a matrix.
std::vector<GemmResult> run_gemms(const std::vector<GemmRequest>& requests);

}  // namespace mxsim
