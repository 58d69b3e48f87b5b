#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace mxsim {

/// An option or argument of a command, as help texts name it.
struct OptionText {
  std::vector<std::string> flags;  ///< "-o", "--output"; empty: an argument
  std::string argument;            ///< its name, or that of the option's value; "" of a switch
  std::string meaning;
  std::string value;  ///< default, "" where none is stated
};

/// In the order of --help; options in groups (of which one is needed) are among them.
std::vector<OptionText> options_of(const CLI::App& app);

/// Commands below it by name ("show" of trace), without groups of options.
std::vector<const CLI::App*> commands_of(const CLI::App& app);

}  // namespace mxsim
