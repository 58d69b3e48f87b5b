#include "sim/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

#include "models/core/safe_text.h"

namespace mxsim {

Progress::Progress(std::ostream& err, std::string what, std::string parts)
    : err_(err),
      what_(escaped(what)),
      parts_(std::move(parts)),
      terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  if (terminal_) err_ << "\r\x1b[K" << std::flush;
}

void Progress::update(std::size_t done, std::size_t total) {
  check_interrupt();
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
