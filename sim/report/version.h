#pragma once

#include <string_view>

namespace mxsim {

/// Version of the program as in CMakeLists.txt; part of every report.
std::string_view version();

}  // namespace mxsim
