#pragma once

#include <string>
#include <string_view>

namespace mxsim {

/// `text` as one line that no terminal misreads: control characters become \xNN, and a text of more
/// than 1000 bytes is cut between two characters.
std::string printable(std::string_view text);

}  // namespace mxsim
