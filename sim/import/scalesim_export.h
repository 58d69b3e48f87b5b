#pragma once

#include <string>

#include "models/workload/graph.h"

namespace mxsim {

/// How a topology states its layers: convolutions with 1 x 1 filters for products, or GEMMs alone.
enum class TopologyForm : std::uint8_t { kConvolution, kGemm };

/// The products of a network as a SCALE-Sim topology of one image; other layers have no row there.
/// Padding is added to the sizes of inputs; a depthwise convolution is one row with `DP` in its
/// name; groups and heads are rows of their own. Dilated windows need kGemm: throws InputError
/// naming the layers.
std::string scalesim_topology(const Graph& graph, TopologyForm form);

}  // namespace mxsim
