#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mxsim {

/// The candidate with the least edit distance to `name` if that is at most a third of its length
/// (at least 1), else "". Equal distances: the first candidate.
std::string closest_name(std::string_view name, const std::vector<std::string>& candidates);

/// `, did you mean "x"?` for the closest candidate, "" when none is close.
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace mxsim
