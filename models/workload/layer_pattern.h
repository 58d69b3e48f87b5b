#pragma once

#include <regex>
#include <string>

namespace mxsim {

/// A regular expression over whole layer names (ECMAScript), matched breadth-first (a libstdc++
/// option): none takes exponential time or deep recursion. Throws std::regex_error.
inline std::regex layer_pattern(const std::string& text) {
  return std::regex(text, std::regex_constants::ECMAScript | std::regex_constants::__polynomial);
}

}  // namespace mxsim
