#include "sim/cli/format_list.h"

#include "models/core/error.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

bool names_format(const std::string& text) {
  try {
    parse_format(text);
    return true;
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

std::vector<std::string> whole_format_names(const std::vector<std::string>& pieces) {
  std::vector<std::string> names;
  for (const std::string& piece : pieces) {
    const bool open = !names.empty() && names.back().find(',') == std::string::npos;
    if (open && !names_format(piece) && names_format(names.back() + "," + piece)) {
      names.back() += "," + piece;
    } else {
      names.push_back(piece);
    }
  }
  return names;
}

}  // namespace mxsim
