#pragma once

#include <string>
#include <vector>

namespace mxsim {

struct ProgramResult {
  int exit_code = 0;  ///< 128 + signal when the program was killed
  std::string out;    ///< stdout and stderr
};

/// Runs another program without a shell and waits for its end.
ProgramResult run_program(const std::vector<std::string>& arguments);

}  // namespace mxsim
