#include "sim/cli/printable.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/cli/progress.h"
#include "sim/report/message_json.h"

namespace mxsim {

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 1000;
  std::string line;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool starts_character = (byte & 0xc0u) != 0x80u;
    if (line.size() >= kLongest && starts_character) return line + "...";
    if (byte < 0x20 || byte == 0x7f) {
      line += fmt::format("\\x{:02x}", byte);
    } else {
      line += c;
    }
  }
  return line;
}

void print_faults(const std::vector<Diagnostic>& faults, std::ostream& err) {
  constexpr std::size_t kMostLines = 200;
  const std::size_t shown = std::min(faults.size(), kMostLines);
  if (message_style() == MessageStyle::kJson) {
    for (std::size_t i = 0; i < shown; ++i) err << fault_message(faults[i]);
    return;
  }
  for (std::size_t i = 0; i < shown; ++i) err << printable(faults[i].text()) << '\n';
  if (shown < faults.size()) err << "... and " << faults.size() - shown << " more\n";
}

}  // namespace mxsim
