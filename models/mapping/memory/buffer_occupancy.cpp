#include "models/mapping/memory/buffer_occupancy.h"

#include <algorithm>
#include <vector>

namespace mxsim {
BufferOccupancy::BufferOccupancy(const MapperChip& chip) : chip_(chip) {
  std::vector<Unit> buffers{Unit::kSramInput, Unit::kSramWeight, Unit::kSramAccumulator};
  if (chip.gradient) buffers.push_back(Unit::kSramGradient);
  if (chip.stream) buffers.push_back(Unit::kSramStream);
  for (const Unit buffer : buffers) peaks_[buffer].capacity = chip.buffer(buffer).bytes();
}

void BufferOccupancy::fill(Unit buffer, const BytesByClass& tile) {
  std::deque<BytesByClass>& tiles = held_[buffer];
  tiles.push_back(tile);
  if (tiles.size() > static_cast<std::size_t>(chip_.buffer(buffer).slots())) tiles.pop_front();
  BytesByClass held{};
  for (const BytesByClass& bytes : tiles) held += bytes;
  BufferPeak& peak = peaks_[buffer];
  peak.classes.note(held);
  peak.peak = std::max(peak.peak, sum(held));
}

}  // namespace mxsim
