#include "models/workload/vector_ops.h"

namespace mxsim {

void add_ops(std::vector<VectorOps>& all, const VectorOps& more) {
  if (more.per_element == 0 && more.per_row == 0) return;
  for (VectorOps& ops : all) {
    if (ops.op == more.op) {
      ops.per_element += more.per_element;
      ops.per_row += more.per_row;
      return;
    }
  }
  all.push_back(more);
}

}  // namespace mxsim
