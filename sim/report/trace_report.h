#pragma once

#include <string>

#include "models/workload/graph_summary.h"

namespace mxsim {

/// {"name", "parameters", "macs", "layers": [{"name", "op", "macs", "parameters", "bytes_bf16",
/// "inputs": [[...]], "output": [...]}]}; shapes are batch first, at batch 1.
std::string trace_json(const std::string& name, const GraphSummary& summary);
std::string trace_text(const std::string& name, const GraphSummary& summary, std::size_t width);

/// Inputs, parameters and output of a layer in BF16.
std::int64_t bytes_bf16(const LayerSummary& layer);

}  // namespace mxsim
