#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace mxsim {

/// Runs the command that `arguments` (without the program's name) ask for and returns the exit
/// code: 0 done, 2 the user's input is wrong, 1 internal failure. Results go to `out`, faults to
/// `err`.
int run_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                     std::ostream& err);

}  // namespace mxsim
