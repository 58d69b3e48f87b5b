#pragma once

#include "models/formats/format_table.h"
#include "sim/config/technology_reader.h"

namespace mxsim {

inline TechnologyTable shipped_technology(int node_nm = 45) {
  return load_technology(std::string(MXSIM_ROOT "/configs/technology/") + std::to_string(node_nm) +
                         "nm.json");
}

/// A minifloat with every exponent code in use for numbers, as the accumulator formulas assume.
inline FormatSpec full_minifloat(int exponent_bits, int mantissa_bits) {
  FormatSpec format = parse_format("mxfp8_e2m5");
  const int codes = 1 << exponent_bits;
  const int bias = exponent_bits == 0 ? 0 : (codes / 2) - 1;
  format.element.bits = 1 + exponent_bits + mantissa_bits;
  format.element.binades = {{1 - bias, codes - 1 - bias, mantissa_bits}};
  format.element.largest_code = (1u << (exponent_bits + mantissa_bits)) - 1;
  format.element_bits = format.element.bits;
  format.name = "e" + std::to_string(exponent_bits) + "m" + std::to_string(mantissa_bits);
  return format;
}

inline FormatSpec full_integer(int bits) {
  FormatSpec format = parse_format("mxint8");
  format.element.bits = bits;
  format.element.binades = {{0, 0, bits - 2}};
  format.element.largest_code = (1u << (bits - 1)) - 1;
  format.element_bits = bits;
  format.name = "int" + std::to_string(bits);
  return format;
}

}  // namespace mxsim
