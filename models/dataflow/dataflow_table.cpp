#include "models/dataflow/dataflow_table.h"

#include "models/dataflow/input_stationary.h"
#include "models/dataflow/output_stationary.h"
#include "models/dataflow/weight_stationary.h"

namespace mxsim {

const std::array<DataflowInfo, 3>& dataflow_table() {
  static const std::array<DataflowInfo, 3> kTable{weight_stationary(), output_stationary(),
                                                  input_stationary()};
  return kTable;
}

const DataflowInfo& info(Dataflow dataflow) {
  return dataflow_table()[static_cast<std::size_t>(dataflow)];
}

}  // namespace mxsim
