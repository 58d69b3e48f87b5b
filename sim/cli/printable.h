#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/error.h"

namespace mxsim {

/// `text` as one line that no terminal misreads (escaped(), safe_text.h); a text of more than 1000
/// bytes is cut between two characters.
std::string printable(std::string_view text);

/// One line a fault, as text or JSON (message_style()); beyond the first 200 only their number.
void print_faults(const std::vector<Diagnostic>& faults, std::ostream& err);

}  // namespace mxsim
