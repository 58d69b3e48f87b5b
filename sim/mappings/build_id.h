#pragma once

#include <string>

namespace mxsim {

/// The linker's build id of this program in hex digits: another one for other code. Throws
/// InternalError of a program that was linked without.
std::string build_id();

}  // namespace mxsim
