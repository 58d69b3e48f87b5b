#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "sim/report/text_style.h"

namespace CLI {
class App;
}

namespace mxsim {

/// Runs the command that `arguments` (without the program's name) ask for and returns the exit
/// code: 0 done, 2 the user's input is wrong, 1 internal failure. Results go to `out`, faults to
/// `err`. `terminal`: how `out` shows text.
int run_command_line(const std::vector<std::string>& arguments, std::ostream& out,
                     std::ostream& err, const TextStyle& terminal = {});

/// Hands over the whole program's commands with their options; nothing is parsed.
void visit_commands(const std::function<void(CLI::App&)>& visit);

}  // namespace mxsim
