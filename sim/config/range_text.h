#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/config/binder.h"

namespace mxsim {

/// "1..1024", "at least 1", "any integer"
std::string range_text(IntegerRange range);
std::string range_text(NumberRange range);
/// "one of ws, os, is"
std::string choices_text(const std::vector<std::string_view>& names);

}  // namespace mxsim
