#include "sim/config/address_bits.h"

#include <algorithm>
#include <charconv>

namespace mxsim {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

}  // namespace

std::optional<AddressBit> address_bit(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto field =
      std::find(kAddressFieldNames.begin(), kAddressFieldNames.end(), text.substr(0, colon));
  int bit = -1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, bit);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end && bit >= 0;
  if (field == kAddressFieldNames.end() || !whole) return std::nullopt;
  return AddressBit{static_cast<AddressField>(field - kAddressFieldNames.begin()), bit};
}

std::optional<std::vector<AddressBit>> address_bits(std::string_view text) {
  std::vector<AddressBit> bits;
  for (text = trimmed(text); !text.empty();) {
    const std::size_t next = std::min(text.find('^'), text.size());
    const std::optional<AddressBit> bit = address_bit(trimmed(text.substr(0, next)));
    if (!bit || next + 1 == text.size()) return std::nullopt;
    bits.push_back(*bit);
    text = trimmed(text.substr(std::min(next + 1, text.size())));
  }
  return bits;
}

}  // namespace mxsim
