#pragma once

#include "models/workload/layer_kind.h"

namespace mxsim {

/// Elements zeroed at random in training; its file states the operations each element costs.
const LayerKind& dropout_kind();

}  // namespace mxsim
