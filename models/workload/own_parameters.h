#pragma once

#include <string>
#include <vector>

#include "models/workload/shaped_graph.h"

namespace mxsim {

/// Parameters of the layer's own: none where it uses those of another (Layer::weights_of).
std::vector<ParameterSpec> own_parameters(const ShapedLayer& layer);

/// Why `layer` cannot use the parameters of `owner` in place of its own, or "".
std::string sharing_fault(const ShapedLayer& layer, const ShapedLayer& owner);

}  // namespace mxsim
