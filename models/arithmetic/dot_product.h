#pragma once

#include <cstdint>

#include "models/chip/chip_spec.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// Bits of an element that enter a multiplier: the significand with its hidden bit; all bits of an
/// integer, of one with a zero point those of the difference. The price of a PE has the same.
int multiplier_bits(const FormatSpec& format);

/// Products of operands of these formats that a PE adds in one step: the first row of
/// `array.dot_product` that is wide enough for both decides, as in PEs whose multipliers are put
/// together from narrow ones (KU Leuven's MX tensor core, arXiv 2511.06313: 1, 4 or 8 products of
/// MXINT8, MXFP8 and MXFP6, or MXFP4).
std::int64_t dot_product_width(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b);

}  // namespace mxsim
