#pragma once

#include "models/dataflow/dataflow_table.h"

namespace mxsim {

DataflowInfo input_stationary();

}  // namespace mxsim
