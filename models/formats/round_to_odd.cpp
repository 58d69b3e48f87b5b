#include "models/formats/round_to_odd.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace mxsim {

float round_to_odd(double value) {
  const auto nearest = static_cast<float>(value);
  if (static_cast<double>(nearest) == value || std::isnan(value)) return nearest;
  if (std::bit_cast<std::uint32_t>(nearest) & 1) return nearest;
  const bool is_below = static_cast<double>(nearest) < value;
  return std::nextafter(nearest, is_below ? std::numeric_limits<float>::infinity()
                                          : -std::numeric_limits<float>::infinity());
}

}  // namespace mxsim
