#include "tests/support/file_text.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/command.h"

namespace mxsim {

std::string content(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> sorted_lines(const std::filesystem::path& path) {
  std::vector<std::string> lines = lines_of(content(path));
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace mxsim
