#include "models/formats/number_spec.h"

#include <algorithm>
#include <cmath>

#include "models/formats/element_codec.h"

namespace mxsim {

int NumberSpec::highest_exponent() const { return std::ilogb(largest()); }

int NumberSpec::significand_bits() const {
  int mantissa_bits = 0;
  for (const BinadeRange& range : binades) {
    mantissa_bits = std::max(mantissa_bits, range.mantissa_bits);
  }
  return mantissa_bits + 1;
}

int NumberSpec::fixed_bits() const { return highest_exponent() - lsb_exponent() + 1; }

double NumberSpec::largest() const { return ElementCodec(*this).magnitude(largest_code); }

double NumberSpec::smallest_nonzero() const {
  if (subnormals == Subnormals::kFlush) return std::ldexp(1.0, lowest_exponent());
  return ElementCodec(*this).magnitude(std::max<std::uint32_t>(smallest_code, 1));
}

bool NumberSpec::is_power_of_two() const {
  return sign == SignCoding::kUnsigned && smallest_code == 1 && significand_bits() == 1;
}

}  // namespace mxsim
