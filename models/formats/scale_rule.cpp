#include "models/formats/scale_rule.h"

#include <array>
#include <cmath>
#include <string>

#include "models/core/did_you_mean.h"
#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr std::array<std::string_view, 6> kNames{"floor",  "up",          "ceil",
                                                 "midmax", "midmax_step", "even"};

/// Does the rule go one up for this scaled maximum?
bool goes_up(double scaled, const ElementCodec& element, ScaleRule rule) {
  const double largest = element.magnitude(element.spec().largest_code);
  const double next_power = std::ldexp(1.0, std::ilogb(largest) + 1);
  switch (rule) {
    case ScaleRule::kFloor:
      return false;
    case ScaleRule::kUp:
      return element.round_magnitude(scaled, Rounding::kNearestEven, 0) >
             element.spec().largest_code;
    case ScaleRule::kCeil:
      return scaled > largest;
    case ScaleRule::kMidmax:
      return scaled >= (largest + next_power) / 2;
    case ScaleRule::kMidmaxStep:
      return scaled >
             (largest + element.magnitude(std::uint64_t{element.spec().largest_code} + 1)) / 2;
    case ScaleRule::kEven:
      return element.magnitude(element.round_magnitude(scaled, Rounding::kNearestEven, 0)) >=
             next_power;
  }
  return false;
}

}  // namespace

std::string_view to_string(ScaleRule rule) { return kNames[static_cast<std::size_t>(rule)]; }

ScaleRule parse_scale_rule(std::string_view name) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<ScaleRule>(i);
  }
  throw InputError("unknown scale rule \"" + std::string(name) +
                   "\": floor, up, ceil, midmax, midmax_step or even" +
                   did_you_mean(name, {kNames.begin(), kNames.end()}));
}

int scale_exponent(double amax, const ElementCodec& element, ScaleRule rule) {
  const int floor = std::ilogb(amax) - std::ilogb(element.magnitude(element.spec().largest_code));
  return floor + (goes_up(std::ldexp(amax, -floor), element, rule) ? 1 : 0);
}

}  // namespace mxsim
