#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <string_view>
#include <systemc>
#include <vector>

#include "sim/cli/command_line.h"
#include "sim/cli/process_start.h"
#include "sim/explore/mpi_workers.h"

namespace {

/// Of standard output: its width and colours, where it is a terminal. NO_COLOR (no-color.org), if
/// it is not empty, asks for none.
mxsim::TextStyle terminal_style(char** environment) {
  mxsim::TextStyle style;
  if (isatty(STDOUT_FILENO) != 1) return style;
  constexpr unsigned short kNarrowest = 40;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= kNarrowest) {
    style.width = size.ws_col;
  }
  style.colour = mxsim::Colour::kOn;
  constexpr std::string_view kNoColour = "NO_COLOR=";
  for (char** variable = environment; *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    if (text.starts_with(kNoColour) && text.size() > kNoColour.size()) {
      style.colour = mxsim::Colour::kOff;
    }
  }
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
