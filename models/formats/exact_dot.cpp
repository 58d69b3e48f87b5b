#include "models/formats/exact_dot.h"

#include <cmath>

#include "models/core/error.h"

namespace mxsim {
int exact_dot_bits(const NumberSpec& a, const NumberSpec& b, std::int64_t terms) {
  ensure(terms > 0, "exact_dot_bits: no terms");
  const double largest_a = std::ldexp(a.largest(), -a.lsb_exponent());
  const double largest_b = std::ldexp(b.largest(), -b.lsb_exponent());
  // ilogb of the rounded product could be one too high only for significands near 2^53.
  return std::ilogb(largest_a * largest_b * static_cast<double>(terms)) + 2;
}

}  // namespace mxsim
