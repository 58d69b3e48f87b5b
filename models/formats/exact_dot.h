#pragma once

#include <cstdint>

#include "models/formats/number_spec.h"

namespace mxsim {

/// Bits, sign included, of an integer that holds every exact sum of `terms` products of an element
/// of `a` and one of `b`, in units of 2^(a.lsb_exponent() + b.lsb_exponent()).
int exact_dot_bits(const NumberSpec& a, const NumberSpec& b, std::int64_t terms);

}  // namespace mxsim
