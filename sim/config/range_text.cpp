#include "sim/config/range_text.h"

#include <fmt/format.h>

namespace mxsim {
namespace {

template <class Range, class Value>
std::string text_of(Range range, const char* any) {
  using Limits = std::numeric_limits<Value>;
  const bool open_below = range.low == Limits::lowest();
  const bool open_above = range.high == Limits::max();
  if (open_below && open_above) return any;
  if (range.low == range.high) return fmt::format("{}", range.low);
  if (open_above) return fmt::format("at least {}", range.low);
  if (open_below) return fmt::format("at most {}", range.high);
  return fmt::format("{}..{}", range.low, range.high);
}

}  // namespace

std::string range_text(IntegerRange range) {
  return text_of<IntegerRange, std::int64_t>(range, "any integer");
}

std::string range_text(NumberRange range) {
  return text_of<NumberRange, double>(range, "any number");
}

std::string choices_text(const std::vector<std::string_view>& names) {
  return fmt::format("one of {}", fmt::join(names, ", "));
}

}  // namespace mxsim
