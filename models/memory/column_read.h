#pragma once

#include <cstdint>

namespace mxsim {

/// A column of a stored matrix read element by element, each from a word of its own. The rows lie
/// one after the other without gaps, their words in consecutive banks, so neighbours of a column
/// are one row pitch apart; a pitch of whole words meets banks / gcd(pitch, banks) of the banks.
struct ColumnRead {
  std::int64_t pitch_bits = 0;  ///< from one element of the column to the next
  std::int64_t word_bits = 1;
  std::int64_t banks = 1;
  std::int64_t ports = 1;  ///< of a bank

  /// Cycles for the first `elements` of a column that begins at the start of bank 0: those of the
  /// bank that is asked most often.
  std::int64_t cycles(std::int64_t elements) const;
};

}  // namespace mxsim
