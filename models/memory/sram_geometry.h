#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "models/chip/buffer_spec.h"
#include "models/core/units.h"

namespace mxsim {

/// Elements that a buffer holds and the longest vector of them that crosses the array's border in a
/// step.
struct StoredElements {
  std::int64_t bits = 8;         ///< of one
  std::int64_t vector_bits = 8;  ///< of the vector
  std::int64_t vectors = 1;      ///< that differ among those of a grid's arrays
};

/// spec.bank_groups, or one for each of so many vectors.
std::int64_t bank_groups(const BufferSpec& spec, std::int64_t vectors);

/// Bits of one word of a bank: spec.width_bits, or width_elements in whole bytes, or the vector in
/// whole bytes, at most the whole bank.
std::int64_t sram_word_bits(const BufferSpec& spec, const StoredElements& stored);

/// What one role has of a buffer: words, a ring of slots, and ports. A bank moves `ports` words per
/// cycle. The words of a slot lie in consecutive banks: of the slot's own, or of the whole buffer
/// where that is interleaved; of all groups in either case. Vectors that the arrays of a grid move
/// in the same step are taken to begin in different groups.
class SramGeometry {
 public:
  /// The whole of a buffer that serves one role and states the width of its words.
  SramGeometry(const BufferSpec& spec, std::int64_t element_bits);
  /// `banks` of the banks of the chip's buffer number `buffer`, in each of `groups`, in words of
  /// `word_bits`.
  SramGeometry(const BufferSpec& spec, std::int64_t word_bits, std::int64_t banks,
               std::int64_t groups = 1, std::size_t buffer = 0);

  /// The buffer without `reserved` bytes, taken from all slots alike.
  SramGeometry without(Bytes reserved) const;

  std::int64_t word_bits() const { return word_bits_; }
  std::int64_t slots() const { return slots_; }
  std::int64_t groups() const { return groups_; }
  /// Banks that the words of one slot lie in, of all groups, and the ports of each.
  std::int64_t banks() const { return banks_; }
  std::int64_t ports() const { return ports_; }
  /// Words that the ports open to one slot move in a cycle.
  std::int64_t words_per_cycle() const { return ports_ * banks_; }
  /// The number of the buffer whose ports all its streams share; nothing where slots own theirs.
  std::optional<std::size_t> shared_ports() const { return shared_ports_; }
  Bytes slot_bytes() const { return slot_bytes_; }
  /// Everything that is stored, over all slots.
  Bytes bytes() const { return Bytes(slot_bytes_.count() * slots_); }
  TransposedRead transposed_read() const { return transposed_read_; }
  /// Words that hold `payload` when it is packed into words.
  std::int64_t words(Bytes payload) const;
  /// Cycles that a slot's own ports need to move what is read and then what is written; 0 where
  /// ports are shared (PortShare says how long that takes).
  Cycles transfer_cycles(Bytes read, Bytes written) const;

 private:
  std::int64_t word_bits_;
  std::int64_t slots_;
  std::int64_t groups_;
  std::int64_t banks_;
  std::int64_t ports_;
  Bytes slot_bytes_;
  TransposedRead transposed_read_;
  std::optional<std::size_t> shared_ports_;
};

}  // namespace mxsim
