#pragma once

#include <map>
#include <string>
#include <vector>

namespace mxsim {

/// Rows of a CSV file by column name; fields may be quoted. Fails the test when it cannot be read.
std::vector<std::map<std::string, std::string>> read_csv(const std::string& path);

}  // namespace mxsim
