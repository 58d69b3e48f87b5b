#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mxsim {

/// Value of a sum such as "WL + burst + tWR" or "2*tRRD - 1" over named integers. Throws InputError
/// that says what cannot be read or which name is unknown.
std::int64_t evaluate_formula(std::string_view text,
                              const std::map<std::string, std::int64_t>& names);

/// Whether the formula uses that name.
bool mentions(std::string_view formula, std::string_view name);

}  // namespace mxsim
