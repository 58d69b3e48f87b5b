#include <stdlib.h>

#include <iostream>
#include <string>
#include <systemc>
#include <vector>

#include "sim/cli/command_line.h"
#include "sim/cli/process_start.h"
#include "sim/explore/mpi_workers.h"

int sc_main(int argc, char** argv) {
  return mxsim::run_command_line(std::vector<std::string>(argv + 1, argv + argc), std::cout,
                                 std::cerr);
}

/// In place of the main() that libsystemc brings, which greets with a banner on every start.
int main(int argc, char** argv, char** environment) {
  mxsim::start_process();
  const mxsim::MpiSession session(environment);
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);
  return sc_core::sc_elab_and_sim(argc, argv);
}
