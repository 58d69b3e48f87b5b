#include "models/mapping/memory/memory_class.h"

#include <algorithm>

#include "models/workload/group_tensors.h"

namespace mxsim {
namespace {

/// Passes that write and read a tensor.
struct Uses {
  bool later_writes = false;  ///< outside the forward pass
  bool later_reads = false;
};

std::vector<Uses> uses_of(const OpList& ops) {
  std::vector<Uses> uses(ops.tensors.size());
  for (const OpGroup& group : ops.groups) {
    if (group.pass == Pass::kForward) continue;
    visit_reads(group, [&](TensorId id) { uses[static_cast<std::size_t>(id)].later_reads = true; });
    visit_writes(group,
                 [&](TensorId id) { uses[static_cast<std::size_t>(id)].later_writes = true; });
  }
  return uses;
}

MemoryClass class_of(const StoredTensor& tensor, const Uses& uses) {
  switch (tensor.role) {
    case TensorRole::kWeight:
    case TensorRole::kMasterWeight:
      return MemoryClass::kWeights;
    case TensorRole::kGradient:
    case TensorRole::kWeightGradient:
      return MemoryClass::kGradients;
    case TensorRole::kOptimizerState:
      return MemoryClass::kOptimizerState;
    default:
      const bool kept = tensor.lasting || (uses.later_reads && !uses.later_writes);
      return kept ? MemoryClass::kActivationsKept : MemoryClass::kWorkspace;
  }
}

}  // namespace

std::string_view to_string(MemoryClass memory_class) {
  constexpr std::array<std::string_view, kMemoryClassCount> kNames{
      "weights", "activations_kept", "gradients", "optimizer_state", "workspace"};
  return kNames[static_cast<std::size_t>(memory_class)];
}

Bytes sum(const BytesByClass& bytes) {
  Bytes all{0};
  for (const Bytes each : bytes) all += each;
  return all;
}

BytesByClass only(MemoryClass memory_class, Bytes bytes) {
  BytesByClass all{};
  all[static_cast<std::size_t>(memory_class)] = bytes;
  return all;
}

BytesByClass& operator+=(BytesByClass& bytes, const BytesByClass& more) {
  for (std::size_t i = 0; i < kMemoryClassCount; ++i) bytes[i] += more[i];
  return bytes;
}

std::vector<MemoryClass> memory_classes(const OpList& ops) {
  const std::vector<Uses> uses = uses_of(ops);
  std::vector<MemoryClass> classes;
  for (std::size_t i = 0; i < ops.tensors.size(); ++i) {
    classes.push_back(class_of(ops.tensors[i], uses[i]));
  }
  return classes;
}

void ClassPeaks::note(const BytesByClass& now) {
  if (sum(now) > sum(at_peak)) at_peak = now;
  for (std::size_t i = 0; i < kMemoryClassCount; ++i) alone[i] = std::max(alone[i], now[i]);
}

}  // namespace mxsim
