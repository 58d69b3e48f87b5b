#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <iostream>
#include <string>
#include <string_view>
#include <systemc>
#include <vector>

#include "sim/cli/command_line.h"
#include "sim/cli/process_start.h"
#include "sim/workers/mpi_workers.h"

namespace {

/// Of a variable of the environment; "" where it is not set.
std::string_view value_of(std::string_view name, char** environment) {
  for (char** variable = environment; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (text.starts_with(name) && text.substr(name.size()).starts_with('=')) {
      return text.substr(name.size() + 1);
    }
  }
  return "";
}

/// Of standard output: its width, as COLUMNS or else the terminal says, and its colours. NO_COLOR
/// (no-color.org), if it is not empty, asks for none.
mxsim::TextStyle terminal_style(char** environment) {
  constexpr std::size_t kNarrowest = 40;
  constexpr std::size_t kWidest = 1000;
  mxsim::TextStyle style;
  const bool is_terminal = isatty(STDOUT_FILENO) == 1;
  winsize size{};
  if (is_terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest) {
    style.width = size.ws_col;
  }
  const std::string_view columns = value_of("COLUMNS", environment);
  std::size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (width >= kNarrowest && width <= kWidest) style.width = width;
  const bool colourless = !value_of("NO_COLOR", environment).empty();
  if (is_terminal && !colourless) style.colour = mxsim::Colour::kOn;
  return style;
}

mxsim::TextStyle terminal;

}  // namespace

int sc_main(int argc, char** argv) {
  return mxsim::run_command_line(std::vector<std::string>(argv + 1, argv + argc), std::cout,
                                 std::cerr, terminal);
}

/// In place of the main() that libsystemc brings, which greets with a banner on every start.
int main(int argc, char** argv, char** environment) {
  mxsim::start_process();
  const mxsim::MpiSession session(environment);
  terminal = terminal_style(environment);
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
