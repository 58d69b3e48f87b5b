#include "sim/explore/constraint.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "sim/config/derived_quantity.h"

namespace mxsim {
namespace {

bool is_key(const std::string& name) { return name.starts_with('/'); }

bool needs_run(const ConstraintConfig& constraint) {
  return !is_key(constraint.quantity) || (!constraint.other.empty() && !is_key(constraint.other));
}

/// Throws std::invalid_argument for a setting that is no number.
double setting(const Settings& settings, const std::string& key) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& each) { return each.key == key; });
  ensure(found != settings.end(), "a constraint on a key that is no axis");
  double number = 0;
  const char* end = found->value.data() + found->value.size();
  const auto parsed = std::from_chars(found->value.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end) return number;
  throw std::invalid_argument(fmt::format("compares {}, expected a number", found->value));
}

bool compare(const ConstraintConfig& constraint, double left, double right) {
  const double slack = constraint.tolerance * std::abs(right);
  switch (constraint.relation) {
    case Relation::kLess:
      return left < right;
    case Relation::kAtMost:
      return left <= right + slack;
    case Relation::kEqual:
      return std::abs(left - right) <= slack;
    case Relation::kAtLeast:
      return left >= right - slack;
    case Relation::kMore:
      return left > right;
  }
  throw InternalError("a relation without a rule");
}

}  // namespace

template <class Value>
bool ConstraintSet::holds(std::size_t index, Value value) const {
  const ConstraintConfig& each = constraints_[index];
  try {
    const double right = each.value ? *each.value : each.factor * value(each.other);
    return compare(each, value(each.quantity), right);
  } catch (const std::invalid_argument& error) {
    throw InputError({{file_, fmt::format("/constraints/{}", index), error.what()}});
  }
}

bool ConstraintSet::allow(const Settings& settings) const {
  const auto value = [&](const std::string& name) { return setting(settings, name); };
  for (std::size_t i = 0; i < constraints_.size(); ++i) {
    if (!needs_run(constraints_[i]) && !holds(i, value)) return false;
  }
  return true;
}

bool ConstraintSet::allow(const Settings& settings, const RunConfig& run,
                          const RunConfig& base) const {
  const auto value = [&](const std::string& name) {
    if (is_key(name)) return setting(settings, name);
    return find_quantity(name)->of(is_of_base(name) ? base : run);
  };
  for (std::size_t i = 0; i < constraints_.size(); ++i) {
    if (!holds(i, value)) return false;
  }
  return true;
}

bool ConstraintSet::need_base() const {
  return std::any_of(constraints_.begin(), constraints_.end(), [](const ConstraintConfig& each) {
    return is_of_base(each.quantity) || is_of_base(each.other);
  });
}

bool ConstraintSet::need_run() const {
  return std::any_of(constraints_.begin(), constraints_.end(), needs_run);
}

}  // namespace mxsim
