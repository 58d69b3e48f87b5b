#pragma once

#include <string>

namespace mxsim {

/// The file a user names: the path itself or, where that does not exist and is relative, the file
/// of that name among the configurations and traces that came with the program (beside the
/// executable's folder in share/mxsim, or in the source tree it was built in). A path that exists
/// nowhere is returned as it is.
std::string find_input_file(const std::string& path);

}  // namespace mxsim
