#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace mxsim {

/// The bytes of a file; "" when it is not there.
std::string content(const std::filesystem::path& path);

/// Its lines in the order of their texts.
std::vector<std::string> sorted_lines(const std::filesystem::path& path);

}  // namespace mxsim
