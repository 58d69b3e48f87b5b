#include "models/mapping/memory/memory_class.h"

#include <algorithm>

#include "models/workload/group_tensors.h"

namespace mxsim {
namespace {

/// What the groups do with a tensor.
struct Uses {
  bool later_writes = false;  ///< outside the forward pass
  bool later_reads = false;
  bool written = false;
  bool updated = false;  ///< read before it is written: running averages
};

std::vector<Uses> uses_of(const OpList& ops) {
  std::vector<Uses> uses(ops.tensors.size());
  std::vector<bool> read(ops.tensors.size(), false);
  for (const OpGroup& group : ops.groups) {
    const bool later = group.pass != Pass::kForward;
    visit_reads(group, [&](TensorId id) {
      const auto at = static_cast<std::size_t>(id);
      read[at] = true;
      uses[at].later_reads = uses[at].later_reads || later;
    });
    visit_writes(group, [&](TensorId id) {
      const auto at = static_cast<std::size_t>(id);
      Uses& use = uses[at];
      use.updated = use.updated || (read[at] && !use.written);
      use.later_writes = use.later_writes || later;
      use.written = true;
    });
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
      if (uses.updated) return MemoryClass::kWeights;
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
