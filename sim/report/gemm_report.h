#pragma once

#include <string>
#include <vector>

#include "sim/run/gemm_run.h"

namespace mxsim {

/// {"cycles", "macs", "utilization", "folds", "sram_reads": {"a", "b"}, "sram_writes", "events",
/// "output_hash", "check", ...}: one GEMM.
std::string gemm_json(const GemmResult& result);
std::string gemm_text(const GemmResult& result, std::size_t width);

/// Several arrays or dataflows: {"runs": [as above], "best": index of the fewest cycles, then PEs}.
std::string gemm_sweep_json(const std::vector<GemmResult>& results);
std::string gemm_sweep_text(const std::vector<GemmResult>& results, std::size_t width);

}  // namespace mxsim
