#include "models/memory/sram_geometry.h"

#include <algorithm>

#include "models/core/error.h"
#include "models/core/units.h"

namespace mxsim {

std::int64_t bank_groups(const BufferSpec& spec, std::int64_t vectors) {
  return spec.bank_groups > 0 ? spec.bank_groups : vectors;
}

std::int64_t sram_word_bits(const BufferSpec& spec, const StoredElements& stored) {
  constexpr std::int64_t kByte = 8;
  if (spec.width_bits > 0) return spec.width_bits;
  if (!spec.follows_array()) {
    return std::max(round_up(spec.width_elements * stored.bits, kByte), kByte);
  }
  ensure(stored.vector_bits > 0, "words that follow an array without vectors");
  const std::int64_t banks = spec.banks * bank_groups(spec, stored.vectors);
  const std::int64_t bank = std::max<std::int64_t>(spec.bytes.count() / banks, 1) * kByte;
  return std::min(round_up(stored.vector_bits, kByte), bank);
}

SramGeometry::SramGeometry(const BufferSpec& spec, std::int64_t element_bits)
    : SramGeometry(spec, sram_word_bits(spec, {element_bits, 0}), spec.banks) {}

SramGeometry::SramGeometry(const BufferSpec& spec, std::int64_t word_bits, std::int64_t banks,
                           std::int64_t groups, std::size_t buffer)
    : word_bits_(word_bits),
      slots_(spec.slots_of(banks)),
      groups_(groups),
      banks_(banks / slots_),
      ports_(spec.ports),
      slot_bytes_(spec.bytes.count() / spec.banks * banks_),
      transposed_read_(spec.transposed_read) {
  banks_ *= groups_;
  if (spec.layout == BufferLayout::kPartitioned) return;
  banks_ = spec.banks * groups_;
  slot_bytes_ = Bytes(spec.bytes.count() / spec.banks * banks / slots_);
  shared_ports_ = buffer;
}

SramGeometry SramGeometry::without(Bytes reserved) const {
  SramGeometry rest = *this;
  rest.slot_bytes_ -= Bytes(ceil_div(reserved.count(), slots_));
  return rest;
}

std::int64_t SramGeometry::words(Bytes payload) const {
  return ceil_div(payload.count() * 8, word_bits_);
}

Cycles SramGeometry::transfer_cycles(Bytes read, Bytes written) const {
  if (shared_ports_) return Cycles(0);
  return Cycles(ceil_div(words(read), words_per_cycle()) +
                ceil_div(words(written), words_per_cycle()));
}

}  // namespace mxsim
