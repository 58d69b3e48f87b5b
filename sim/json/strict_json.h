#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace mxsim {

inline constexpr std::size_t kMaxFileBytes = std::size_t{64} << 20;
inline constexpr std::size_t kMaxJsonDepth = 64;

/// The bytes of a regular file of at most kMaxFileBytes; throws InputError naming `path`.
std::string read_text_file(const std::string& path);

/// Parses JSON (RFC 8259) and nothing more: UTF-8, nesting of at most kMaxJsonDepth, no key twice
/// in one object, no number beyond a double. Throws InputError; syntax errors give line and column.
nlohmann::json parse_strict_json(const std::string& text, const std::string& file);

/// One token of a JSON pointer, escaped (RFC 6901).
std::string escape_pointer_token(std::string_view token);

/// A value as it is shown in a message: one line, shortened.
std::string brief_text(const nlohmann::json& value);

}  // namespace mxsim
