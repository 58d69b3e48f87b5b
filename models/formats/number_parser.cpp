#include "models/formats/number_parser.h"

#include <re2/re2.h>

#include <charconv>
#include <map>
#include <string>

#include "models/core/error.h"
#include "models/formats/number_builders.h"

namespace mxsim {
namespace {

/// "e4m3b7fn" in parts; "": left out.
struct FloatName {
  std::string exponent;
  std::string mantissa;
  std::string bias;
  std::string suffix;
};

int value_of(const std::string& digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

void require_in_range(std::string_view text, const char* what, int value, int low, int high) {
  if (value >= low && value <= high) return;
  throw InputError("format \"" + std::string(text) + "\": " + what + " " + std::to_string(value) +
                   " is not in " + std::to_string(low) + ".." + std::to_string(high));
}

/// PyTorch's names, whose fnuz types have a bias one above the usual; and e4m3 as the OCP has it,
/// of finite numbers and NaN. The one with infinities is e4m3b7.
std::string_view without_alias(std::string_view text) {
  static const std::map<std::string_view, std::string_view> kAliases{
      {"e4m3", "e4m3fn"},
      {"float32", "e8m23"},
      {"float16", "e5m10"},
      {"bfloat16", "e8m7"},
      {"float8_e4m3fn", "e4m3fn"},
      {"float8_e5m2", "e5m2"},
      {"float8_e4m3fnuz", "e4m3b8fnuz"},
      {"float8_e5m2fnuz", "e5m2b16fnuz"}};
  const auto alias = kAliases.find(text);
  return alias == kAliases.end() ? text : alias->second;
}

SpecialCodes specials_of(const std::string& suffix, NumberPlace place) {
  if (suffix == "fn") return SpecialCodes::kAllOnesNan;
  if (suffix == "fin") return SpecialCodes::kNone;
  if (suffix == "fnuz") {
    return place == NumberPlace::kAlone ? SpecialCodes::kNegativeZeroNan : SpecialCodes::kNone;
  }
  return SpecialCodes::kIeee;
}

NumberSpec float_number(std::string_view text, const FloatName& name, NumberPlace place) {
  const int exponent_bits = value_of(name.exponent);
  const int mantissa_bits = value_of(name.mantissa);
  require_in_range(text, "exponent width", exponent_bits, 1, 8);
  require_in_range(text, "mantissa width", mantissa_bits, 0, 23);
  if (mantissa_bits == 0 && name.suffix.empty()) {
    if (name.bias.empty() && exponent_bits > 1) return power_of_two(exponent_bits);
    throw InputError("format \"" + std::string(text) +
                     "\": an unsigned exponent has no bias and "
                     "at least 2 bits; a signed format without mantissa needs fn, fnuz or fin");
  }
  const int bias = name.bias.empty() ? default_bias(exponent_bits) : value_of(name.bias);
  require_in_range(text, "bias", bias, 0, 255);
  try {
    NumberSpec number =
        minifloat({exponent_bits, mantissa_bits, bias, specials_of(name.suffix, place)});
    if (place != NumberPlace::kAlone) number.overflow = Overflow::kSaturate;
    return number;
  } catch (const InputError& error) {
    throw InputError("format \"" + std::string(text) + "\": " + error.what());
  }
}

}  // namespace

std::optional<NumberSpec> parse_number(std::string_view text, NumberPlace place) {
  static const RE2 kInteger("(u?)int([0-9]{1,4})");
  static const RE2 kFloat("e([0-9]{1,4})m([0-9]{1,4})(?:b([0-9]{1,4}))?(fn|fnuz|fin)?");
  const std::string_view plain = without_alias(text);
  FloatName name;
  if (RE2::FullMatch(plain, kFloat, &name.exponent, &name.mantissa, &name.bias, &name.suffix)) {
    return float_number(text, name, place);
  }
  std::string is_unsigned;
  std::string width;
  if (!RE2::FullMatch(plain, kInteger, &is_unsigned, &width)) return std::nullopt;
  const int bits = value_of(width);
  require_in_range(text, "width", bits, 2, 32);
  if (!is_unsigned.empty()) return unsigned_integer(bits);
  return symmetric_integer(bits, place == NumberPlace::kUnderPowerOfTwo ? 2 - bits : 0);
}

}  // namespace mxsim
