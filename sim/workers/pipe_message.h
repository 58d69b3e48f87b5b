#pragma once

#include <optional>
#include <string>

namespace mxsim {

/// Messages over pipes: eight bytes of length, then the text.

/// False when the other end is closed. SIGPIPE is ignored.
bool write_message(int descriptor, const std::string& text);

/// Waits for a whole message; none when the other end was closed before.
std::optional<std::string> read_message(int descriptor);

}  // namespace mxsim
