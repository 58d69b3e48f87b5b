#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/formats/number_spec.h"

namespace mxsim {

/// Where a number stands in a format: alone, under a power-of-two block scale (integers have an
/// implied scale, "fnuz" keeps -0), or under a floating-point scale. Under a scale of either kind
/// elements of any width saturate.
enum class NumberPlace : std::uint8_t { kAlone, kUnderPowerOfTwo, kUnderFloat };

/// A TensorCast number (grammar in format_parser.h), or nothing when the text is not one. Throws
/// InputError when it is one with sizes out of range.
std::optional<NumberSpec> parse_number(std::string_view text, NumberPlace place);

}  // namespace mxsim
