#pragma once

#include <string>

namespace mxsim {

/// The text as one field of a CSV line (RFC 4180). A text that a spreadsheet would run as a formula
/// (it begins with =, +, - or @ and is no number) gets an apostrophe in front.
std::string csv_field(const std::string& given);

}  // namespace mxsim
