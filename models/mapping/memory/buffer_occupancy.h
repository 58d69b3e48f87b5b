#pragma once

#include <deque>
#include <map>

#include "models/core/unit.h"
#include "models/mapping/chip/mapper_chip.h"
#include "models/mapping/memory/memory_class.h"

namespace mxsim {

/// What one SRAM buffer held at most.
struct BufferPeak {
  Bytes capacity{0};
  Bytes peak{0};  ///< sum over its slots
  ClassPeaks classes{};
  bool operator==(const BufferPeak&) const = default;
};

/// Bytes in the slots of the buffers: a new tile takes the place of the oldest.
class BufferOccupancy {
 public:
  /// Outlives this.
  explicit BufferOccupancy(const MapperChip& chip);

  void fill(Unit buffer, const BytesByClass& tile);
  const std::map<Unit, BufferPeak>& peaks() const { return peaks_; }

 private:
  const MapperChip& chip_;
  std::map<Unit, std::deque<BytesByClass>> held_;
  std::map<Unit, BufferPeak> peaks_;
};

}  // namespace mxsim
