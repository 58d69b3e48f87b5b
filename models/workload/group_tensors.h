#pragma once

#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// Calls visit(id) for every tensor that the group reads; a group that is not const may be given
/// other numbers so.
template <class Group, class Visit>
void visit_reads(Group& group, Visit visit) {
  for (auto& work : group.gemms) {
    visit(work.a);
    visit(work.b);
  }
  for (auto& id : group.streamed_reads) visit(id);
  for (auto& id : group.broadcast_reads) visit(id);
}

/// The same for those that it writes.
template <class Group, class Visit>
void visit_writes(Group& group, Visit visit) {
  for (auto& write : group.writes) visit(write.tensor);
  for (auto& write : group.reduction_writes) visit(write.tensor);
}

/// The same for the mentions of tensors in what the group computes.
template <class Visit>
void visit_steps(OpGroup& group, Visit visit) {
  const auto visit_reads = [&](std::vector<GroupRead>& reads) {
    for (GroupRead& read : reads) {
      if (read.tensor >= 0) visit(read.tensor);
    }
  };
  for (GroupStep& step : group.steps) {
    visit_reads(step.reads);
    visit_reads(step.broadcasts);
  }
  for (GroupValue& value : group.values) {
    for (TensorId& id : value.stored) visit(id);
  }
}

inline std::vector<TensorId> tensors_read(const OpGroup& group) {
  std::vector<TensorId> ids;
  visit_reads(group, [&](TensorId id) { ids.push_back(id); });
  return ids;
}

inline std::vector<TensorId> tensors_written(const OpGroup& group) {
  std::vector<TensorId> ids;
  visit_writes(group, [&](TensorId id) { ids.push_back(id); });
  return ids;
}

}  // namespace mxsim
