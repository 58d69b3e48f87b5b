#pragma once

#include <cstdint>
#include <string>

#include "models/chip/chip_spec.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// How the PEs of `array` add products of these formats. The first of `array.sums` that has both
/// decides. Else two integers of up to 8 bits under floating-point scales (int8, uint8) are summed
/// in 32 bits (kFixed) unless the array has a fixed width for all. Else the array's own sum
/// decides, but integer sums have no meaning for a format without block scale: those products are
/// added in FP32.
SumFormat sum_of(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b);

/// Whether a dot product of several such elements is summed exactly before it enters a rounding
/// accumulator. Without an exact view each of its products is rounded into the sum, in order.
bool rounds_vectors_once(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b);

/// Why the PEs of `array` cannot add `terms` products of such elements as sum_of() and the width of
/// dot products ask for: an integer sum of a format without exact view, or one of more bits than
/// their integers. "": they can.
std::string sum_fault(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b,
                      std::int64_t terms);

/// "fp32", "fixed, 32 bits"
std::string to_string(const SumFormat& sum);

}  // namespace mxsim
