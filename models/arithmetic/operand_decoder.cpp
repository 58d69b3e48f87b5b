#include "models/arithmetic/operand_decoder.h"

#include <fmt/format.h>

#include <cmath>

#include "models/core/error.h"
#include "models/formats/number_builders.h"

namespace mxsim {
namespace {

constexpr int kMostFixedBits = 24;
constexpr int kMostTableBits = 16;
constexpr int kBinary32Bits = 32;

/// BF16, TF32, FP32: the code is the top of a binary32.
bool is_truncated_binary32(const NumberSpec& element) {
  return element.sign == SignCoding::kSignMagnitude && element.binades.size() == 1 &&
         element.specials == SpecialCodes::kIeee && element.lowest_exponent() == -126 &&
         element.highest_exponent() == 127 && element.smallest_code == 0 &&
         element.bits == 9 + element.binades.front().mantissa_bits;
}

}  // namespace

std::string no_exact_view(const FormatSpec& format) {
  if (!format.scale) return "no block scale";
  if (format.tensor_scale) return "a tensor scale over its block scales";
  if (!travels_as_code(format)) return fmt::format("elements of {} bits", format.element_bits);
  const int bits = format.zero_point ? format.element_bits : format.element.fixed_bits();
  if (bits <= kMostFixedBits) return "";
  return fmt::format("{} bits in fixed point, more than {}", bits, kMostFixedBits);
}

bool travels_as_code(const FormatSpec& format) {
  const int bits = format.element_bits + (format.zero_point ? 1 : 0);
  return !format.tensor_scale && (bits <= kMostTableBits || is_truncated_binary32(format.element));
}

NumberSpec travelling_element(const FormatSpec& format) {
  return format.zero_point ? symmetric_integer(format.element_bits + 1, 0) : format.element;
}

OperandDecoder::OperandDecoder(const FormatSpec& format) {
  if (!travels_as_code(format)) return;
  const NumberSpec element = travelling_element(format);
  codec_.emplace(element);
  if (has_exact_view(format)) smallest_step_ = std::ldexp(1.0, element.lsb_exponent());
  if (is_truncated_binary32(format.element)) {
    shift_ = kBinary32Bits - format.element.bits;
    return;
  }
  for (std::uint32_t code = 0; code < (1u << element.bits); ++code) {
    table_.push_back(entry(code));
  }
  while (zero_code_ < table_.size() && table_[zero_code_].value != 0) ++zero_code_;
  if (zero_code_ == table_.size()) table_.push_back({0.0F, 0});  // a format without zero
}

OperandDecoder::Entry OperandDecoder::entry(std::uint32_t code) const {
  const double value = codec_->decode(code);
  Entry entry{static_cast<float>(value), 0};
  if (smallest_step_ > 0) {
    entry.fixed = std::isfinite(value) ? static_cast<std::int32_t>(codec_->decode_fixed(code))
                                       : DecodedOperand::kUncountable;
  }
  return entry;
}

double OperandDecoder::element(std::uint32_t code) const {
  if (!codec_) return std::bit_cast<float>(code);
  const bool no_element = !table_.empty() && code >= (1u << codec_->spec().bits);
  return no_element ? 0.0 : codec_->decode(code);
}

int OperandDecoder::mode(std::uint32_t code) const {
  if (!codec_) return 0;
  const double magnitude = std::abs(element(code));
  const std::vector<BinadeRange>& ranges = codec_->spec().binades;
  if (!std::isfinite(magnitude) || magnitude == 0) return 0;
  int mode = 0;
  while (mode + 1 < static_cast<int>(ranges.size()) &&
         magnitude >= std::ldexp(1.0, ranges[static_cast<std::size_t>(mode) + 1].lowest_exponent)) {
    ++mode;
  }
  return mode;
}

std::vector<float> decoded_values(std::span<const ArrayOperand> operands,
                                  const OperandDecoder& decoder) {
  std::vector<float> values;
  values.reserve(operands.size());
  for (const ArrayOperand& operand : operands) values.push_back(decoder.decode(operand).value);
  return values;
}

const OperandDecoder& binary32_decoder() {
  static const OperandDecoder kBinary32;
  return kBinary32;
}

}  // namespace mxsim
