#include "models/formats/rounding.h"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr std::array<std::string_view, 5> kNames{"rne", "rna", "rnz", "rtz", "sr"};

std::uint64_t shift_right(std::uint64_t value, int shift) {
  return shift < 64 ? value >> shift : 0;
}

constexpr int kRandomBits = 16;

bool rounds_up_stochastically(std::uint64_t significand, int shift, std::uint16_t random) {
  const std::uint64_t fraction =
      shift >= 16 ? shift_right(significand, shift - 16) : significand << (16 - shift);
  return (fraction & 0xffff) + random > 0xffff;
}

}  // namespace

std::string_view to_string(Rounding rounding) { return kNames[static_cast<std::size_t>(rounding)]; }

Rounding parse_rounding(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Rounding>(i);
  }
  throw InputError("unknown rounding \"" + std::string(name) + "\": rne, rna, rnz, rtz or sr" +
                   did_you_mean(name, {kNames.begin(), kNames.end()}));
}

std::uint64_t round_shift(std::uint64_t base, std::uint64_t significand, int shift,
                          Rounding rounding, std::uint16_t random) {
  if (shift == 0) return base + significand;
  const std::uint64_t steps = shift_right(significand, shift);
  const std::uint64_t floor = base + steps;
  if (rounding == Rounding::kTowardZero) return floor;
  if (rounding == Rounding::kStochastic) {
    return floor + (rounds_up_stochastically(significand, shift, random) ? 1 : 0);
  }
  if (shift > 63) return floor;  // below half a step: a significand has fewer than 63 bits
  const std::uint64_t half = std::uint64_t{1} << (shift - 1);
  const std::uint64_t rest = significand - (steps << shift);
  if (rest != half) return floor + (rest > half ? 1 : 0);
  if (rounding == Rounding::kNearestEven) return floor + (floor & 1);
  return floor + (rounding == Rounding::kNearestAway ? 1 : 0);
}

bool rounds_up(double rest, double step, bool from_odd, Rounding rounding, std::uint16_t random) {
  if (rounding == Rounding::kTowardZero) return false;
  if (rounding == Rounding::kStochastic) {
    const double scaled = std::ldexp(rest, kRandomBits);
    double fraction = std::floor(scaled / step);
    if (std::fma(fraction, step, -scaled) > 0) fraction -= 1;  // the division rounded up
    return fraction + random >= 1 << kRandomBits;
  }
  if (2 * rest != step) return 2 * rest > step;
  return rounding == Rounding::kNearestAway || (rounding == Rounding::kNearestEven && from_odd);
}

}  // namespace mxsim
