#pragma once

#include <sstream>
#include <string>

#include "sim/report/text_table.h"

namespace mxsim {

/// Every line of `text` wrapped(), each ended by a newline.
inline std::string wrapped_lines(const std::string& text, std::size_t width, std::size_t indent) {
  std::string lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines += wrapped(line, width, indent) + "\n";
  return lines;
}

}  // namespace mxsim
