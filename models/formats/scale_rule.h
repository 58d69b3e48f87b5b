#pragma once

#include <string_view>

#include "models/formats/element_codec.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// "floor", "up", "ceil", "midmax", "midmax_step", "even"
std::string_view to_string(ScaleRule rule);
/// Throws InputError that names the rules.
ScaleRule parse_scale_rule(std::string_view name);

/// Exponent of the power-of-two scale of a block whose largest magnitude is `amax` > 0, not yet
/// limited to the range of the scale's own format. Exact: no floating-point logarithm.
int scale_exponent(double amax, const ElementCodec& element, ScaleRule rule);

}  // namespace mxsim
