#pragma once

#include <map>

#include "models/mapping/memory/buffer_occupancy.h"
#include "models/mapping/memory/memory_plan.h"

namespace mxsim {

/// How full the chip's memories were at most.
struct MemoryUse {
  Bytes dram_capacity{0};
  Bytes dram_used{0};       ///< first address that was never used
  Bytes dram_peak_live{0};  ///< see MemoryPlan
  Bytes dram_sum{0};
  ClassPeaks dram_classes;  ///< of the tensors alive at the same time
  Bytes dram_scratch{0};    ///< beside them, for unfinished results
  std::map<Unit, BufferPeak> buffers;
  BufferPeak kept;  ///< reserved part of the input buffer, see residency.h
  std::size_t kept_tensors = 0;
};

}  // namespace mxsim
