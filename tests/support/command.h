#pragma once

#include <string>
#include <vector>

namespace mxsim {

struct CommandResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// Runs a command line in this process.
CommandResult run_command(const std::vector<std::string>& arguments);

/// The lines of a text, without the newlines.
std::vector<std::string> lines_of(const std::string& text);

}  // namespace mxsim
