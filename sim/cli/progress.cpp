#include "sim/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace mxsim {
namespace {

volatile std::sig_atomic_t interrupted = 0;

void note(int signal) {
  interrupted = 1;
  std::signal(signal, SIG_DFL);  // the second one ends the program at once
}

}  // namespace

void note_interrupts() {
  interrupted = 0;
  std::signal(SIGINT, note);
  std::signal(SIGTERM, note);
}

Progress::Progress(std::ostream& err, std::string what, std::string parts)
    : err_(err),
      what_(std::move(what)),
      parts_(std::move(parts)),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_) err_ << "\r\x1b[K" << std::flush;
}

void Progress::update(std::size_t done, std::size_t total) {
  if (interrupted != 0) throw Interrupted{};
  constexpr std::size_t kTenths = 10;
  const std::size_t tenth = total == 0 ? kTenths : done * kTenths / total;
  if (terminal_) {
    err_ << fmt::format("\r{} [{:<{}}] {}/{}", what_, std::string(tenth, '#'), kTenths, done, total)
         << std::flush;
  } else if (tenth > last_tenth_) {
    err_ << fmt::format("{}: {} of {} {}\n", what_, done, total, parts_) << std::flush;
  }
  last_tenth_ = tenth;
}

}  // namespace mxsim
