#pragma once

#include <cstdint>

#include "models/chip/buffer_spec.h"
#include "models/core/units.h"

namespace mxsim {

/// Bits of one word of a bank that holds elements of `element_bits`: spec.width_bits, or
/// width_elements of them rounded up to a power of two; at least 8.
std::int64_t sram_word_bits(const BufferSpec& spec, std::int64_t element_bits);

/// What one role has of a buffer: words, a ring of slots, and ports. A bank moves `ports` words per
/// cycle; a slot has its part of the banks to itself.
class SramGeometry {
 public:
  /// The whole of a buffer that serves one role.
  SramGeometry(const BufferSpec& spec, std::int64_t element_bits);
  /// `banks` of its banks, in words of `word_bits`.
  SramGeometry(const BufferSpec& spec, std::int64_t word_bits, std::int64_t banks);

  /// The buffer without `reserved` bytes, taken from all slots alike.
  SramGeometry without(Bytes reserved) const;

  std::int64_t word_bits() const { return word_bits_; }
  std::int64_t slots() const { return slots_; }
  /// Words that the ports open to one slot move in a cycle.
  std::int64_t words_per_cycle() const { return words_per_cycle_; }
  Bytes slot_bytes() const { return slot_bytes_; }
  /// Everything that is stored, over all slots.
  Bytes bytes() const { return Bytes(slot_bytes_.count() * slots_); }
  TransposedRead transposed_read() const { return transposed_read_; }
  /// Words that hold `payload` when it is packed into words.
  std::int64_t words(Bytes payload) const;
  /// Cycles to move `payload` through the ports of one slot.
  Cycles transfer_cycles(Bytes payload) const;

 private:
  std::int64_t word_bits_;
  std::int64_t slots_;
  std::int64_t words_per_cycle_;
  Bytes slot_bytes_;
  TransposedRead transposed_read_;
};

}  // namespace mxsim
