#pragma once

#include "sim/import/lowering/imported_network.h"
#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// Puts a network with known shapes into layers of a trace. The batch is the first extent of what
/// the first operator on images reads, where it is more than one; the trace is for one of it.
/// Throws InputError with every node that cannot be put so.
ImportedNetwork lower_network(const TensorNetwork& network, std::vector<std::string>& notes);

}  // namespace mxsim
