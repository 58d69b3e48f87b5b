#include "models/mapping/memory_plan.h"

#include <fmt/format.h>

#include "models/core/error.h"

namespace mxsim {

MemoryPlan::MemoryPlan(const std::vector<StoredTensor>& tensors, Bytes capacity, Bytes scratch) {
  const auto place = [&](Bytes bytes) {
    const std::int64_t base = used_.count();
    std::int64_t end = 0;
    if (__builtin_add_overflow(base, bytes.count(), &end)) {
      throw InputError("the tensors need more than 2^63 bytes of DRAM");
    }
    used_ = Bytes(round_up(end, kAlignment));
    return base;
  };
  bases_.reserve(tensors.size());
  for (const StoredTensor& tensor : tensors) bases_.push_back(place(tensor.bytes()));
  scratch_ = place(scratch);
  if (used_ > capacity) {
    throw InputError(fmt::format("the tensors need {} bytes of DRAM, the chip has {}",
                                 used_.count(), capacity.count()));
  }
}

}  // namespace mxsim
