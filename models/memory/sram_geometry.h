#pragma once

#include <cstdint>

#include "models/chip/chip_spec.h"
#include "models/core/units.h"

namespace mxsim {

/// Words, slots and rates of one SRAM buffer. A bank moves one word per cycle through one
/// read-write port. With two banks or more the buffer is a ping-pong pair: each slot owns half of
/// the banks, so that filling one slot and reading the other never meet in a bank. With one bank
/// there is one slot.
class SramGeometry {
 public:
  /// `element_bits`: width of the elements that `spec.width_elements` counts.
  SramGeometry(const BufferSpec& spec, std::int64_t element_bits);

  /// width_elements * element_bits rounded up to a power of two.
  std::int64_t word_bits() const { return word_bits_; }
  std::int64_t slots() const { return slots_; }
  std::int64_t banks_per_slot() const { return banks_per_slot_; }
  Bytes slot_bytes() const { return slot_bytes_; }
  /// Words that hold `payload` when it is packed into words.
  std::int64_t words(Bytes payload) const;
  /// Cycles to move `payload` through the ports of one slot.
  Cycles transfer_cycles(Bytes payload) const;

 private:
  std::int64_t word_bits_;
  std::int64_t slots_;
  std::int64_t banks_per_slot_;
  Bytes slot_bytes_;
};

}  // namespace mxsim
