#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// Where every tensor lies in DRAM. Tensors never overlap; each starts at a multiple of kAlignment.
class MemoryPlan {
 public:
  static constexpr std::int64_t kAlignment = 4096;

  /// Throws InputError with the numbers when the tensors need more than `capacity`.
  MemoryPlan(const std::vector<StoredTensor>& tensors, Bytes capacity);

  std::int64_t base(TensorId tensor) const { return bases_.at(static_cast<std::size_t>(tensor)); }
  /// First address that no tensor uses.
  Bytes used() const { return used_; }

 private:
  std::vector<std::int64_t> bases_;
  Bytes used_{0};
};

}  // namespace mxsim
