#pragma once

#include <string>

namespace mxsim {

/// The text as one field of a CSV line (RFC 4180).
std::string csv_field(const std::string& text);

}  // namespace mxsim
