#pragma once

#include <cstdint>
#include <string_view>

namespace mxsim {

/// How a magnitude between two representable neighbours is rounded. kStochastic: the fraction of a
/// step is truncated to 16 bits, a uniform 16-bit word is added, and a carry rounds up.
enum class Rounding : std::uint8_t {
  kNearestEven,
  kNearestAway,
  kNearestTowardZero,
  kTowardZero,
  kStochastic
};

/// "rne", "rna", "rnz", "rtz", "sr"
std::string_view to_string(Rounding rounding);
/// Throws InputError that names the modes.
Rounding parse_rounding(std::string_view name);

/// base + significand / 2^shift rounded to an integer (a tie to even: the sum is even); shift >= 0.
/// `random` is used by kStochastic alone.
std::uint64_t round_shift(std::uint64_t base, std::uint64_t significand, int shift,
                          Rounding rounding, std::uint16_t random);

/// The same for `rest` of a whole `step`, 0 < rest < step, where the step is no power of two: does
/// it round up? `from_odd`: the number below has an odd code.
bool rounds_up(double rest, double step, bool from_odd, Rounding rounding, std::uint16_t random);

}  // namespace mxsim
