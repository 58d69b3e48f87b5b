#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/dataflow/array_command.h"
#include "models/formats/element_codec.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// An operand as the multiplier takes it. Where the format has an exact view its value is
/// fixed * step; `value` is always the same number in FP32.
struct DecodedOperand {
  /// `fixed` of an infinity or NaN.
  static constexpr std::int32_t kUncountable = std::numeric_limits<std::int32_t>::min();

  float value = 0.0F;
  std::int32_t fixed = 0;
  double step = 0;  ///< block scale times the elements' smallest step; NaN: the block is poisoned

  bool is_countable() const { return fixed != kUncountable; }
  /// The element in steps, or the infinity or NaN that it is.
  double steps() const { return is_countable() ? fixed : value; }
};

/// Why sums of the format's elements under one scale cannot be exact integers, e.g. "32 bits in
/// fixed point, more than 24"; "": they can. They need a block scale, no tensor scale beside it and
/// elements of at most 24 bits in fixed point.
std::string no_exact_view(const FormatSpec& format);
inline bool has_exact_view(const FormatSpec& format) { return no_exact_view(format).empty(); }

/// Whether the PEs get elements as stored, code and block scale; of a format with zero points, the
/// difference of code and zero point, an integer of one bit more. Formats with a tensor scale or
/// elements wider than 16 bits that are no truncated binary32 are decoded at the array's edge
/// instead, and travel as binary32.
bool travels_as_code(const FormatSpec& format);

/// The elements that travel.
NumberSpec travelling_element(const FormatSpec& format);

/// The decoder in front of a PE's multiplier: the element's code, whatever its mode, becomes a
/// number, and the block's scale is applied.
class OperandDecoder {
 public:
  /// Binary32.
  OperandDecoder() = default;
  explicit OperandDecoder(const FormatSpec& format);

  DecodedOperand decode(const ArrayOperand& operand) const {
    const Entry entry = table_.empty() ? Entry{std::bit_cast<float>(operand.code << shift_), 0}
                                       : table_[operand.code];
    return {entry.value * operand.scale, entry.fixed,
            static_cast<double>(operand.scale) * smallest_step_};
  }

  /// An operand worth zero, for places where a matrix has no element.
  ArrayOperand zero() const { return {zero_code_, 1.0F}; }
  /// The element alone by the format's definition, not by the decoder's table.
  double element(std::uint32_t code) const;
  /// Which of the format's modes (ranges of binades, the lowest 0) a code belongs to.
  int mode(std::uint32_t code) const;
  double smallest_step() const { return smallest_step_; }

 private:
  struct Entry {
    float value;
    std::int32_t fixed;
  };
  Entry entry(std::uint32_t code) const;

  std::optional<ElementCodec> codec_;  ///< none: binary32
  std::vector<Entry> table_;           ///< by code; empty: the code is the top of a binary32
  int shift_ = 0;
  double smallest_step_ = 0;  ///< 0 without exact view
  std::uint32_t zero_code_ = 0;
};

/// Every operand in FP32.
std::vector<float> decoded_values(std::span<const ArrayOperand> operands,
                                  const OperandDecoder& decoder);

}  // namespace mxsim
