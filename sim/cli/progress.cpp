#include "sim/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <utility>

#include "models/core/safe_text.h"
#include "sim/report/message_json.h"

namespace mxsim {
namespace {

MessageStyle style_of_messages = MessageStyle::kText;

/// For the time that is left alone: no result depends on it.
double now_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void set_message_style(MessageStyle style) { style_of_messages = style; }
MessageStyle message_style() { return style_of_messages; }

std::string duration_text(double seconds) {
  constexpr long kMinute = 60;
  constexpr long kHour = 60 * kMinute;
  const long whole = std::lround(seconds);
  if (whole < kMinute) return fmt::format("{} s", whole);
  if (whole < kHour) return fmt::format("{} min", (whole + kMinute / 2) / kMinute);
  return fmt::format("{} h {} min", whole / kHour, whole % kHour / kMinute);
}

Progress::Progress(std::ostream& err, std::string what, std::string parts, Begin begin)
    : err_(err),
      what_(escaped(what)),
      parts_(std::move(parts)),
      terminal_(message_style() == MessageStyle::kText && isatty(STDERR_FILENO) == 1),
      begin_(begin),
      began_s_(now_s()) {}

Progress::~Progress() {
  if (terminal_) err_ << "\r\x1b[K" << std::flush;
}

void Progress::draw_bar(std::size_t done, std::size_t total) {
  constexpr std::size_t kWidth = 20;
  constexpr double kTooEarly_s = 1;
  const double share = total == 0 ? 1 : static_cast<double>(done) / static_cast<double>(total);
  const double elapsed = now_s() - began_s_;
  std::string left;
  if (done > 0 && done < total && elapsed > kTooEarly_s) {
    left = ", " + duration_text(elapsed * (1 - share) / share) + " left";
  }
  const auto bars = static_cast<std::size_t>(share * static_cast<double>(kWidth));
  err_ << fmt::format("\r{} [{:<{}}] {}/{} {}{}\x1b[K", what_, std::string(bars, '#'), kWidth, done,
                      total, parts_, left)
       << std::flush;
}

void Progress::update(std::size_t done, std::size_t total) {
  check_interrupt();
  if (message_style() == MessageStyle::kQuiet) return;
  constexpr double kLate_s = 2;
  if (begin_ == Begin::kLate && now_s() - began_s_ < kLate_s) return;
  if (terminal_) {
    draw_bar(done, total);
    return;
  }
  const bool json = message_style() == MessageStyle::kJson;
  const std::size_t parts = json ? 1000 : 10;
  const std::size_t part = total == 0 ? parts : done * parts / total;
  if (part > last_part_) {
    err_ << (json ? progress_message(what_, parts_, done, total)
                  : fmt::format("{}: {} of {} {}\n", what_, done, total, parts_))
         << std::flush;
  }
  last_part_ = part;
}

}  // namespace mxsim
