#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/cli/console.h"

namespace CLI {
class App;
}

namespace mxsim {

/// Does what the parsed options ask and returns the exit code. Throws InputError for the user's
/// faults before anything is written.
using CommandAction = std::function<int(Console&)>;

struct CliCommand {
  std::string name;
  std::string summary;
  /// Adds options to the sub-command; those of every command (common_options.h) are there already.
  std::function<CommandAction(CLI::App&)> set_up;
  std::string group;  ///< heading it stands under in --help and the manual
  std::string example;
};

inline constexpr int kExitDone = 0;
inline constexpr int kExitFailure = 1;
inline constexpr int kExitWrongInput = 2;

}  // namespace mxsim
