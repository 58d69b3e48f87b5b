#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>
#include <string>

#include "sim/cli/interrupt.h"

namespace mxsim {

/// How progress and faults are told on standard error.
enum class MessageStyle : std::uint8_t {
  kText,   ///< a bar on a terminal, else a line at every tenth; faults as text
  kQuiet,  ///< no progress
  kJson    ///< a JSON object a line (message_json.h)
};
void set_message_style(MessageStyle style);
MessageStyle message_style();

/// Shows how far long work is, and on a terminal how long it will still take. Also the place where
/// Ctrl-C ends the work.
class Progress {
 public:
  /// kLate: of work that mostly takes no time; nothing is shown in its first two seconds.
  enum class Begin : std::uint8_t { kAtOnce, kLate };

  /// `err` is a terminal if standard error is. `parts`: what is counted.
  Progress(std::ostream& err, std::string what, std::string parts = "groups",
           Begin begin = Begin::kAtOnce);
  ~Progress();

  /// Throws Interrupted after Ctrl-C.
  void update(std::size_t done, std::size_t total);

 private:
  void draw_bar(std::size_t done, std::size_t total);

  std::ostream& err_;
  std::string what_;
  std::string parts_;
  bool terminal_;
  Begin begin_;
  double began_s_;
  std::size_t last_part_ = 0;  ///< tenths or thousandths told last
};

/// "8 s", "3 min", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace mxsim
