#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mxsim {

/// A place of a text that a terminal would obey or misread.
struct UnsafePlace {
  std::size_t offset = 0;  ///< bytes
  std::size_t bytes = 0;
  std::string name;  ///< "control character U+001B", kNotUtf8
};

inline constexpr const char* kNotUtf8 = "not UTF-8";

/// The first place of `text` that is no UTF-8, a control character (C0, DEL, C1), a line or
/// paragraph separator, or a mark of text direction.
std::optional<UnsafePlace> unsafe_place(std::string_view text);

/// `text` with each such place as \x1b (a byte) or \u{202e} (a code point).
std::string escaped(std::string_view text);

}  // namespace mxsim
