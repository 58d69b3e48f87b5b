#pragma once

#include <cstddef>
#include <string>

#include "models/core/error.h"

namespace mxsim {

/// Lines of `--messages json`, each with its newline:
///   {"type": "fault", "file", "pointer", "message"}       the user's input is wrong
///   {"type": "progress", "what", "parts", "done", "total"}
///   {"type": "error", "message"}                          an internal failure
std::string fault_message(const Diagnostic& fault);
std::string progress_message(const std::string& what, const std::string& parts, std::size_t done,
                             std::size_t total);
std::string error_message(const std::string& message);

}  // namespace mxsim
