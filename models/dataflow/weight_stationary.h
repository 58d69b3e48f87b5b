#pragma once

#include "models/dataflow/dataflow_table.h"

namespace mxsim {

DataflowInfo weight_stationary();

}  // namespace mxsim
