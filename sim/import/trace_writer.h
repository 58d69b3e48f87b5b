#pragma once

#include <optional>
#include <string>

#include "models/workload/graph.h"
#include "sim/import/lowering/imported_network.h"

namespace mxsim {

/// The text of a trace file (traces/README.md), a line for each layer. `weights` names the file of
/// its parameters; "": none.
std::string trace_file_text(const Graph& graph, const std::string& weights = "");

/// The trace of a network file of another program, as that text; nothing when `path` is no network
/// file. Throws InputError when it is a faulty file.
std::optional<std::string> foreign_trace_text(const std::string& path,
                                              const ImportOptions& options = {});

}  // namespace mxsim
