#include "models/mapping/buffer_occupancy.h"

#include <algorithm>

namespace mxsim {
namespace {

const SramGeometry& geometry(const MapperChip& chip, Unit buffer) {
  if (buffer == Unit::kSramInput) return chip.input;
  return buffer == Unit::kSramWeight ? chip.weight : chip.accumulator;
}

}  // namespace

BufferOccupancy::BufferOccupancy(const MapperChip& chip) : chip_(chip) {
  for (const Unit buffer : {Unit::kSramInput, Unit::kSramWeight, Unit::kSramAccumulator}) {
    const SramGeometry& sram = geometry(chip, buffer);
    peaks_[buffer].capacity = sram.slots() * sram.slot_bytes();
  }
}

void BufferOccupancy::fill(Unit buffer, Bytes tile) {
  std::deque<Bytes>& tiles = held_[buffer];
  tiles.push_back(tile);
  if (tiles.size() > static_cast<std::size_t>(geometry(chip_, buffer).slots())) tiles.pop_front();
  Bytes sum{0};
  for (const Bytes bytes : tiles) sum += bytes;
  peaks_[buffer].peak = std::max(peaks_[buffer].peak, sum);
}

}  // namespace mxsim
