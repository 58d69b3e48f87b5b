#include "sim/cli/printable.h"

#include <algorithm>

#include "models/core/safe_text.h"
#include "sim/cli/progress.h"
#include "sim/report/message_json.h"

namespace mxsim {

std::string printable(std::string_view text) {
  constexpr std::size_t kLongest = 1000;
  const bool cut = text.size() > kLongest;
  std::size_t end = std::min(text.size(), kLongest);
  while (cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0u) == 0x80u) --end;
  return escaped(text.substr(0, end)) + (cut ? "..." : "");
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
