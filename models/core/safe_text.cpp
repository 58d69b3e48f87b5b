#include "models/core/safe_text.h"

#include <fmt/format.h>

#include <array>
#include <boost/locale/utf.hpp>
#include <utility>

namespace mxsim {
namespace {

namespace utf = boost::locale::utf;

using Range = std::pair<utf::code_point, utf::code_point>;  ///< inclusive

constexpr std::array<Range, 2> kControls{{{0x00, 0x1f}, {0x7f, 0x9f}}};
constexpr std::array<Range, 4> kDirections{
    {{0x061c, 0x061c}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}}};

template <std::size_t N>
bool within(const std::array<Range, N>& ranges, utf::code_point point) {
  for (const auto& [low, high] : ranges) {
    if (point >= low && point <= high) return true;
  }
  return false;
}

/// "" for a code point that is shown as it is.
std::string name_of(utf::code_point point) {
  if (point == utf::illegal || point == utf::incomplete) return kNotUtf8;
  if (within(kControls, point)) return fmt::format("control character U+{:04X}", point);
  if (within(kDirections, point)) return fmt::format("invisible character U+{:04X}", point);
  return "";
}

}  // namespace

std::optional<UnsafePlace> unsafe_place(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const char* const start = at;
    const utf::code_point point = utf::utf_traits<char>::decode(at, end);
    std::string name = name_of(point);
    if (name.empty()) continue;
    // A bad sequence may hold the beginning of a good one.
    if (point == utf::illegal || point == utf::incomplete) at = start + 1;
    return UnsafePlace{static_cast<std::size_t>(start - text.data()),
                       static_cast<std::size_t>(at - start), std::move(name)};
  }
  return std::nullopt;
}

std::string escaped(std::string_view text) {
  std::string safe;
  while (const std::optional<UnsafePlace> place = unsafe_place(text)) {
    safe += text.substr(0, place->offset);
    const std::string_view bytes = text.substr(place->offset, place->bytes);
    const char* at = bytes.data();
    const utf::code_point point = utf::utf_traits<char>::decode(at, at + bytes.size());
    if (bytes.size() == 1) {
      safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(bytes.front()));
    } else {
      safe += fmt::format("\\u{{{:x}}}", point);
    }
    text.remove_prefix(place->offset + place->bytes);
  }
  return safe.append(text);
}

}  // namespace mxsim
