#pragma once

#include <cstdint>
#include <string>

#include "models/chip/chip_spec.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// Why the PEs of `array` cannot hold every exact sum of `terms` products of such elements: it has
/// more than kMostAccumulatorBits. "" where they can, saturate, or add nothing exactly.
std::string exact_sum_fault(const ArraySpec& array, const FormatSpec& a, const FormatSpec& b,
                            std::int64_t terms);

}  // namespace mxsim
