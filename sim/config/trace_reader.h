#pragma once

#include <string>
#include <vector>

#include "models/workload/graph.h"
#include "sim/config/binder.h"

namespace mxsim {

/// Keys of a trace file (traces/README.md).
void bind(Binder& b, Graph& s);
void bind(Binder& b, GraphInput& s);
void bind(Binder& b, Layer& s);
void bind(Binder& b, Block& s);
/// Sizes by name.
void bind_dimensions(Binder& b, const Key& key, Dimensions& dimensions);

/// What shape_graph finds wrong at batch 1.
std::vector<Diagnostic> validate(const Graph& graph);

/// Reads and checks a trace; throws InputError with every fault.
Graph load_trace(const std::string& path);

/// The file of parameters that a trace names (its key `weights`), "" where it names none.
std::string trace_weights(const std::string& path);

}  // namespace mxsim
