#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/core/units.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// What a byte of memory is needed for.
enum class MemoryClass : std::uint8_t {
  kWeights,          ///< parameters: master weights and operand copies; running averages
  kActivationsKept,  ///< inputs and results of the forward pass that the backward pass reads, and
                     ///< tensors that later steps read (a cache of keys and values)
  kGradients,        ///< of activations and of parameters
  kOptimizerState,
  kWorkspace,  ///< all else: tensors of one pass alone, copies made for it, unfinished results
};

inline constexpr std::size_t kMemoryClassCount = 5;

/// "weights", "activations_kept", "gradients", "optimizer_state", "workspace"
std::string_view to_string(MemoryClass memory_class);

using BytesByClass = std::array<Bytes, kMemoryClassCount>;

Bytes sum(const BytesByClass& bytes);
BytesByClass only(MemoryClass memory_class, Bytes bytes);
BytesByClass& operator+=(BytesByClass& bytes, const BytesByClass& more);

/// One for each tensor.
std::vector<MemoryClass> memory_classes(const OpList& ops);

/// The fullest moment of a memory, and the most of each class at any moment.
struct ClassPeaks {
  BytesByClass at_peak{};
  BytesByClass alone{};

  void note(const BytesByClass& now);
  bool operator==(const ClassPeaks&) const = default;
};

}  // namespace mxsim
