#pragma once

#include <string>
#include <string_view>

#include "sim/import/lowering/imported_network.h"

namespace mxsim {

/// Reads a SCALE-Sim topology: rows of convolutions (`Layer name, IFMAP Height, IFMAP Width, Filter
/// Height, Filter Width, Channels, Num Filter, Strides`; heights and widths already padded; a name
/// with `DP` is depthwise) or of GEMMs (`Layer, M, N, K`, K summed over). A title row may order the
/// columns otherwise and add a batch column; a batch that all rows share is left to the run, others
/// multiply M. Further columns are ignored. Rows say nothing of what feeds what: every layer has an
/// input and an output of its own (Graph::unlinked).
///
/// Throws InputError with a line for every row that is no layer ("line 4: ...").
ImportedNetwork read_scalesim_topology(std::string_view text, const std::string& name);

}  // namespace mxsim
