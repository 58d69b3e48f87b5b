#include "sim/config/key_pattern.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/core/did_you_mean.h"

namespace mxsim {
namespace {

std::vector<std::string> tokens_of(const std::string& pointer) {
  std::vector<std::string> tokens;
  for (std::size_t at = 0; at < pointer.size();) {
    const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
    tokens.push_back(pointer.substr(at + 1, end - at - 1));
    at = end;
  }
  return tokens;
}

/// How many tokens a value of that kind can be entered by without being declared one by one.
std::size_t undeclared_depth(FieldKind kind) {
  switch (kind) {
    case FieldKind::kIntegers:
    case FieldKind::kNumbers:
    case FieldKind::kTexts:
    case FieldKind::kList:
    case FieldKind::kMap:
      return 1;
    case FieldKind::kNamedIntegers:
      return 2;
    default:
      return 0;
  }
}

bool fits(const std::vector<std::string>& tokens, const Field& field) {
  const std::vector<std::string> declared = tokens_of(field.pointer);
  if (tokens.size() < declared.size()) return false;
  if (tokens.size() > declared.size() + undeclared_depth(field.kind)) return false;
  return std::equal(declared.begin(), declared.end(), tokens.begin(),
                    [](const std::string& pattern, const std::string& token) {
                      return pattern == "*" || pattern == token;
                    });
}

}  // namespace

bool is_declared(const std::string& pointer, const std::vector<Field>& fields) {
  if (!pointer.starts_with('/')) return false;
  const std::vector<std::string> tokens = tokens_of(pointer);
  return std::any_of(fields.begin(), fields.end(),
                     [&](const Field& field) { return fits(tokens, field); });
}

std::string unknown_key_text(const std::string& pointer, const std::vector<Field>& fields) {
  std::vector<std::string> known;
  for (const Field& field : fields) known.push_back(field.pointer);
  return fmt::format("unknown key \"{}\"{}", pointer, did_you_mean(pointer, known));
}

}  // namespace mxsim
