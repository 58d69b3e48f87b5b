#pragma once

#include <string>
#include <vector>

#include "models/formats/format_spec.h"
#include "models/formats/number_builders.h"

namespace mxsim {

/// Element formats of the benches, in the order of formats.svh.
inline const std::vector<NumberSpec>& rtl_formats() {
  constexpr auto kNone = SpecialCodes::kNone;
  constexpr auto kIeee = SpecialCodes::kIeee;
  constexpr auto kAllOnesNan = SpecialCodes::kAllOnesNan;
  constexpr auto kNegativeZeroNan = SpecialCodes::kNegativeZeroNan;
  static const std::vector<NumberSpec> kFormats{
      mxsf_number({}),
      minifloat({4, 3, 7, kAllOnesNan}),
      minifloat({5, 2, 15, kIeee}),
      minifloat({2, 5, 1, kNone}),
      minifloat({3, 4, 3, kNone}),
      minifloat({3, 2, 3, kNone}),
      minifloat({2, 3, 1, kNone}),
      minifloat({2, 1, 1, kNone}),
      symmetric_integer(8, -6),
      symmetric_integer(4, -2),
      minifloat({1, 6, 0, kNone}),
      minifloat({6, 1, 31, kIeee}),
      minifloat({3, 3, 3, kIeee}),
      minifloat({4, 3, 8, kNegativeZeroNan}),
      minifloat({3, 0, 3, kNone}),
      symmetric_integer(2, 0),
      minifloat({1, 2, 0, kNone}),
      minifloat({5, 2, 16, kNegativeZeroNan}),
      symmetric_integer(6, -4),
      minifloat({4, 1, 7, kAllOnesNan}),
  };
  return kFormats;
}

/// Elements under one E8M0 scale for 32 of them.
inline FormatSpec in_blocks(const NumberSpec& number) {
  FormatSpec format;
  format.name = "e" + std::to_string(number.bits);
  format.element_bits = number.bits;
  format.element = number;
  format.scale = power_of_two(8);
  format.scale_bits = 8;
  format.default_block = {1, 32};
  return format;
}

}  // namespace mxsim
