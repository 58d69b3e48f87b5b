#include "sim/cli/format_list.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

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

/// TensorCast's words for scales, and the names by which the same numbers are meant as formats.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kScaleWords{
    {{"float32", "fp32"}, {"float16", "fp16"}, {"bfloat16", "bf16"}}};

void refuse_ambiguity(const std::string& before, const std::string& piece) {
  for (const auto& [scale, format] : kScaleWords) {
    if (piece != scale || before.find(',') != std::string::npos) continue;
    const std::string both = before + "," + piece;
    if (!names_format(both)) continue;
    throw InputError(
        fmt::format("\"{}\" is one format with a scale of the tensor, and two formats: expected "
                    "\"{}_t0_t0\" for "
                    "the one, \"{},{}\" for the two",
                    both, both, before, format));
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
      if (!names.empty()) refuse_ambiguity(names.back(), piece);
      names.push_back(piece);
    }
  }
  return names;
}

}  // namespace mxsim
