#pragma once

#include "models/workload/layer_kind.h"

namespace mxsim {

const LayerKind& depth_windows_kind();

}  // namespace mxsim
