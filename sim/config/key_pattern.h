#pragma once

#include <string>
#include <vector>

#include "sim/config/field_lister.h"

namespace mxsim {

/// Whether a pointer leads to a declared key, or to a part of one (an element of an array, an entry
/// of an object of the user's own names).
bool is_declared(const std::string& pointer, const std::vector<Field>& fields);

/// `unknown key "/chip/arry", did you mean "/chip/array"?`
std::string unknown_key_text(const std::string& pointer, const std::vector<Field>& fields);

}  // namespace mxsim
