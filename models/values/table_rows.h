#pragma once

#include <map>

#include "models/workload/op_list.h"

namespace mxsim {

/// Tensors of rows that come from a table (an embedding, positions from some token on), and the
/// table: its master copy where there is one. Throws std::logic_error if the list has no table.
std::map<TensorId, TensorId> tables_of_rows(const OpList& ops);

/// The list with every table among its tensors. The chip moves no more than the rows of a step, so
/// that no group of an inference reads the table they come from.
OpList with_tables(OpList ops);

}  // namespace mxsim
