#include <array>

#include "models/core/rng.h"
#include "tests/support/fuzz_targets.h"

namespace mxsim {
namespace {

using namespace std::string_view_literals;

constexpr std::array kTokens{"{"sv,
                             "}"sv,
                             "["sv,
                             "]"sv,
                             "\""sv,
                             ":"sv,
                             ","sv,
                             "null"sv,
                             "true"sv,
                             "-1"sv,
                             "0"sv,
                             "1e308"sv,
                             "1e-9"sv,
                             "NaN"sv,
                             "\\u0000"sv,
                             "\0"sv,
                             "\x1b[31m"sv,
                             "\xff"sv,
                             "9223372036854775807"sv,
                             "18446744073709551616"sv,
                             "4294967296"sv,
                             "\xe2\x80\xae"sv,
                             "\n"sv,
                             "="sv,
                             "*"sv,
                             "../"sv,
                             "/dev/zero"sv};

}  // namespace

std::string mutated(const std::string& input, std::uint64_t seed) {
  const CounterRng rng(seed, "mutation");
  std::uint64_t draws = 0;
  const auto draw = [&](std::size_t below) {
    return below == 0 ? 0 : static_cast<std::size_t>(rng.bits(draws++) % below);
  };
  std::string text = input;
  for (std::size_t changes = 1 + draw(4); changes > 0; --changes) {
    const std::size_t at = draw(text.size() + 1);
    const std::size_t length = draw(std::min<std::size_t>(text.size() - at, 40) + 1);
    switch (draw(6)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << draw(8)));
        break;
      case 1:
        text.erase(at, length);
        break;
      case 2:
        text.insert(at, text.substr(draw(text.size() + 1), length));
        break;
      case 3:
        text.insert(at, kTokens.at(draw(kTokens.size())));
        break;
      case 4:
        text.replace(at, length, kTokens.at(draw(kTokens.size())));
        break;
      default:
        if (draw(8) == 0) text.resize(at);
        break;
    }
  }
  return text;
}

}  // namespace mxsim
