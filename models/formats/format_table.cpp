#include "models/formats/format_table.h"

#include <string>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"

namespace mxsim {
namespace {

/// 1 sign bit, the rest of `bits` split by the single binade range.
NumberSpec minifloat(int bits, BinadeRange range, std::uint32_t largest_code, SpecialCodes specials,
                     Overflow overflow) {
  return {bits, SignCoding::kSignMagnitude, {range}, 0, largest_code, specials, overflow};
}

/// Elements of MX blocks that spend every code on a number: NaN and Inf live in the scale.
NumberSpec mx_float(int bits, BinadeRange range, std::uint32_t largest_code) {
  return minifloat(bits, range, largest_code, SpecialCodes::kNone, Overflow::kSaturate);
}

/// OCP MX v1.0, 5.3.4: two's complement, an implied scale of 2^-(bits - 2), symmetric range.
NumberSpec mx_int(int bits) {
  return {bits,
          SignCoding::kTwosComplement,
          {{0, 0, bits - 2}},
          0,
          (1u << (bits - 1)) - 1,
          SpecialCodes::kNone,
          Overflow::kSaturate};
}

/// E2M5 in the top three binades; below them the codes of exponent field 0 are an E3M2 of bias 8,
/// whose top binade adjoins (arXiv 2605.24391, our reading).
NumberSpec mxsf_element() {
  return {8,    SignCoding::kSignMagnitude, {{-7, -1, 2}, {0, 2, 5}}, 0,
          0x7f, SpecialCodes::kNone,        Overflow::kSaturate};
}

/// OCP MX v1.0, 5.4.1: 2^-127 to 2^127, code 255 is NaN.
NumberSpec e8m0() {
  return {8,   SignCoding::kUnsigned,     {{-127, 127, 0}},   1,
          255, SpecialCodes::kAllOnesNan, Overflow::kSaturate};
}

FormatSpec scalar(std::string name, const NumberSpec& number) {
  FormatSpec format;
  format.name = std::move(name);
  format.element_bits = number.bits;
  format.element = number;
  return format;
}

FormatSpec block_scaled(std::string name, const NumberSpec& number, BlockShape block) {
  FormatSpec format = scalar(std::move(name), number);
  format.scale = e8m0();
  format.scale_bits = format.scale->bits;
  format.default_block = block;
  return format;
}

std::vector<FormatSpec> make_table() {
  constexpr auto kIeee = SpecialCodes::kIeee;
  constexpr BlockShape kRowOf32{1, 32};
  constexpr BlockShape kTile8x8{8, 8};
  std::vector<FormatSpec> table{
      scalar("fp32", NumberSpec{}),
      scalar("tf32", minifloat(19, {-126, 127, 10}, 0x3fbff, kIeee, Overflow::kInfinity)),
      scalar("bf16", minifloat(16, {-126, 127, 7}, 0x7f7f, kIeee, Overflow::kInfinity)),
      scalar("fp16", minifloat(16, {-14, 15, 10}, 0x7bff, kIeee, Overflow::kInfinity)),
      scalar("fp8_e4m3",
             minifloat(8, {-6, 8, 3}, 0x7e, SpecialCodes::kAllOnesNan, Overflow::kSaturate)),
      scalar("fp8_e5m2", minifloat(8, {-14, 15, 2}, 0x7b, kIeee, Overflow::kSaturate)),
      block_scaled("mxfp8_e4m3",
                   minifloat(8, {-6, 8, 3}, 0x7e, SpecialCodes::kAllOnesNan, Overflow::kSaturate),
                   kRowOf32),
      block_scaled("mxfp8_e5m2", minifloat(8, {-14, 15, 2}, 0x7b, kIeee, Overflow::kSaturate),
                   kRowOf32),
      block_scaled("mxfp8_e2m5", mx_float(8, {0, 2, 5}, 0x7f), kRowOf32),
      block_scaled("mxfp6_e3m2", mx_float(6, {-2, 4, 2}, 0x1f), kRowOf32),
      block_scaled("mxfp6_e2m3", mx_float(6, {0, 2, 3}, 0x1f), kRowOf32),
      block_scaled("mxfp4_e2m1", mx_float(4, {0, 2, 1}, 0x7), kRowOf32),
      block_scaled("mxsf", mxsf_element(), kTile8x8),
  };
  for (int bits = 2; bits <= 8; ++bits) {
    table.push_back(block_scaled("mxint" + std::to_string(bits), mx_int(bits), kRowOf32));
  }
  return table;
}

}  // namespace

const std::vector<FormatSpec>& format_table() {
  static const std::vector<FormatSpec> table = make_table();
  return table;
}

FormatSpec parse_format(std::string_view name) {
  std::vector<std::string> names;
  for (const FormatSpec& format : format_table()) {
    if (format.name == name) return format;
    names.push_back(format.name);
  }
  throw InputError("unknown format \"" + std::string(name) + "\"" + did_you_mean(name, names));
}

DataLayout default_layout(const FormatSpec& format) { return {format, format.default_block}; }

}  // namespace mxsim
