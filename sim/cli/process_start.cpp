#include "sim/cli/process_start.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <initializer_list>

#include "sim/cli/interrupt.h"

namespace mxsim {
namespace {

/// Open in the direction that the program does not use: reading or writing fails with EBADF.
void reserve(int descriptor) {
  if (fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF) return;
  const int direction = descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY;
  const int opened = open("/dev/null", direction);  // the lowest that is free
  if (opened >= 0 && opened != descriptor) close(opened);
}

}  // namespace

void start_process() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) reserve(descriptor);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  end_on_interrupt();
}

}  // namespace mxsim
