#include "models/values/table_rows.h"

#include <string>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/mapping/tiles/operand_data.h"

namespace mxsim {
namespace {

/// Rows that a step looks up.
struct LookedUp {
  TensorId rows = -1;
  std::string layer;
  std::int64_t entries = 0;  ///< of the table
};

std::vector<LookedUp> looked_up(const OpList& ops) {
  std::vector<LookedUp> found;
  for (const OpGroup& group : ops.groups) {
    for (const GroupStep& step : group.steps) {
      if (step.op != "embedding" && step.op != "position") continue;
      const TensorId rows = step.reads.size() < 2 ? -1 : step.reads[1].tensor;
      if (rows < 0) continue;
      const std::string name = value_name(ops.tensors[static_cast<std::size_t>(rows)]);
      if (!name.starts_with(step.layer + ".rows")) continue;
      found.push_back({rows, step.layer, step.function.parameters.extents.back()});
    }
  }
  return found;
}

TensorId widest(const OpList& ops, const std::string& name) {
  TensorId found = -1;
  for (std::size_t id = 0; id < ops.tensors.size(); ++id) {
    const StoredTensor& tensor = ops.tensors[id];
    if (value_name(tensor) != name) continue;
    const bool wider =
        found < 0 || tensor.layout.format.element_bits >
                         ops.tensors[static_cast<std::size_t>(found)].layout.format.element_bits;
    if (wider) found = static_cast<TensorId>(id);
  }
  return found;
}

TensorId table(const OpList& ops, const std::string& layer) {
  const TensorId master = widest(ops, layer + ".weight.master");
  return master >= 0 ? master : widest(ops, layer + ".weight");
}

}  // namespace

std::map<TensorId, TensorId> tables_of_rows(const OpList& ops) {
  std::map<TensorId, TensorId> tables;
  for (const LookedUp& step : looked_up(ops)) {
    const TensorId found = table(ops, step.layer);
    ensure(found >= 0, "rows of a table that is not there");
    tables[step.rows] = found;
  }
  return tables;
}

OpList with_tables(OpList ops) {
  for (const LookedUp& step : looked_up(ops)) {
    if (table(ops, step.layer) >= 0) continue;
    StoredTensor held = ops.tensors[static_cast<std::size_t>(step.rows)];
    held.name = step.layer + ".weight";
    held.rows = step.entries;
    ops.tensors.push_back(std::move(held));
  }
  return ops;
}

}  // namespace mxsim
