#pragma once

#include "models/dataflow/dataflow_table.h"
#include "models/dataflow/output_rule.h"
#include "models/dataflow/tiling.h"

namespace mxsim {

/// The passes of `os`: row tiles outermost; a pass takes up to `latency` neighbouring column tiles.
struct OutputSchedule {
  Tiling rows;          ///< M
  Tiling cols;          ///< N
  Tiling groups;        ///< column tiles in groups of one pass
  std::int64_t length;  ///< reduction steps

  OutputSchedule(const ArraySpec& spec, const ArrayCommand& command);

  std::int64_t passes() const { return rows.count() * groups.count(); }
  OutputPass pass(std::int64_t index) const;
};

DataflowInfo output_stationary();

}  // namespace mxsim
