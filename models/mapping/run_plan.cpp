#include "models/mapping/run_plan.h"

#include <fmt/format.h>

#include <map>
#include <string>

namespace mxsim {
namespace {

std::string text(const WindowAxis& axis) {
  return fmt::format("{},{},{},{},{},{}", axis.in, axis.out, axis.taps, axis.stride, axis.dilation,
                     axis.pad);
}

std::string text(const StoredTensor& tensor) {
  return fmt::format("{}x{}:{}:{}x{}", tensor.rows, tensor.cols, tensor.layout.format.name,
                     tensor.layout.block.rows, tensor.layout.block.cols);
}

/// All that the search's answer depends on, chip apart.
std::string search_key(const OpList& ops, const OpGroup& group, const GemmWork& work) {
  const auto tensor = [&](TensorId id) {
    return text(ops.tensors.at(static_cast<std::size_t>(id)));
  };
  std::string key =
      fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}{}{}", static_cast<int>(group.pass),
                  static_cast<int>(work.kind), work.images, text(work.h), text(work.w),
                  work.channels, work.n, work.groups, tensor(work.a), tensor(work.b),
                  static_cast<int>(work.b_orientation), work.format_a.name, work.format_b.name,
                  work.batch * work.packed, static_cast<int>(work.a_groups),
                  static_cast<int>(work.b_groups), static_cast<int>(work.result_groups));
  for (const VectorOps& each : group.vector_ops) {
    key += fmt::format("|{}:{}", static_cast<int>(each.op), each.per_element);
  }
  for (const TensorId id : group.streamed_reads) key += "|" + tensor(id);
  return key;
}

}  // namespace

RunPlan::RunPlan(const OpList& ops, const MapperChip& chip, Bytes dram_capacity, PlanPolicy policy)
    : ops_(ops), chip_(chip), policy_(policy), memory_(ops.tensors, dram_capacity) {
  std::map<std::string, GemmMapping> known;
  for (const OpGroup& group : ops.groups) {
    std::vector<GemmMapping>& mappings = mappings_.emplace_back();
    for (const GemmWork& work : group.gemms) {
      const auto [entry, is_new] = known.try_emplace(search_key(ops, group, work));
      if (is_new) entry->second = map_gemm(group, work, ops.tensors, chip);
      mappings.push_back(entry->second);
    }
  }
}

ProgramSource::ProgramSource(const RunPlan& plan)
    : plan_(plan), builder_(plan.ops(), plan.memory(), plan.chip(), plan.policy().overlap_groups) {}

Program ProgramSource::next(CommandId finished_below) {
  return builder_.next(plan_.mappings(group_++), finished_below);
}

}  // namespace mxsim
