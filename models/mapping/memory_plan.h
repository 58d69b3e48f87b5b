#pragma once

#include <cstdint>
#include <vector>

#include "models/workload/op_list.h"

namespace mxsim {

/// Where every tensor lies in DRAM. Tensors never overlap; each starts at a multiple of kAlignment.
class MemoryPlan {
 public:
  static constexpr std::int64_t kAlignment = 4096;

  /// `scratch`: room for unfinished results. Throws InputError with the numbers when all need more
  /// than `capacity`.
  MemoryPlan(const std::vector<StoredTensor>& tensors, Bytes capacity, Bytes scratch = Bytes(0));

  std::int64_t base(TensorId tensor) const { return bases_.at(static_cast<std::size_t>(tensor)); }
  /// Where unfinished results are stored.
  std::int64_t scratch() const { return scratch_; }
  /// First address that is not used.
  Bytes used() const { return used_; }

 private:
  std::vector<std::int64_t> bases_;
  std::int64_t scratch_ = 0;
  Bytes used_{0};
};

}  // namespace mxsim
