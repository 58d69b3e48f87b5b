#pragma once

#include "models/formats/format_spec.h"

namespace mxsim {

/// Stored bits of one element in a full default block, its share of scales and offsets included.
double bits_per_element(const FormatSpec& format);

/// log2(largest / smallest non-zero value)
double range_binades(const NumberSpec& number);

}  // namespace mxsim
