#pragma once

#include <cstddef>
#include <vector>

namespace mxsim {

/// Which of the vectors no other beats: is at most as large everywhere and smaller somewhere. Equal
/// vectors stand or fall together. All have one length.
std::vector<bool> pareto_front(const std::vector<std::vector<double>>& values);

}  // namespace mxsim
