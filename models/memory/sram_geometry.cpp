#include "models/memory/sram_geometry.h"

#include <algorithm>
#include <bit>

namespace mxsim {

SramGeometry::SramGeometry(const BufferSpec& spec, std::int64_t element_bits)
    : word_bits_(static_cast<std::int64_t>(
          std::bit_ceil(static_cast<std::uint64_t>(spec.width_elements * element_bits)))),
      slots_(spec.banks >= 2 ? 2 : 1),
      banks_per_slot_(spec.banks / slots_),
      slot_bytes_(spec.bytes.count() / slots_) {
  word_bits_ = std::max<std::int64_t>(word_bits_, 8);
}

std::int64_t SramGeometry::words(Bytes payload) const {
  return ceil_div(payload.count() * 8, word_bits_);
}

Cycles SramGeometry::transfer_cycles(Bytes payload) const {
  return Cycles(ceil_div(words(payload), banks_per_slot_));
}

}  // namespace mxsim
