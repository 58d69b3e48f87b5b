#include "models/mapping/memory_plan.h"

#include <fmt/format.h>

#include "models/core/error.h"

namespace mxsim {

MemoryPlan::MemoryPlan(const std::vector<StoredTensor>& tensors, Bytes capacity) {
  bases_.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) {
    bases_.push_back(used_.count());
    std::int64_t end = 0;
    if (__builtin_add_overflow(used_.count(), tensor.bytes().count(), &end)) {
      throw InputError("the tensors need more than 2^63 bytes of DRAM");
    }
    used_ = Bytes(round_up(end, kAlignment));
  }
  if (used_ > capacity) {
    throw InputError(fmt::format("the tensors need {} bytes of DRAM, the chip has {}",
                                 used_.count(), capacity.count()));
  }
}

}  // namespace mxsim
