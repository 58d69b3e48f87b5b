#include "sim/config/axis_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "models/core/rng.h"
#include "sim/config/choices.h"
#include "sim/config/load.h"

namespace mxsim {
namespace {

constexpr Presence kRequired = Presence::kRequired;
constexpr std::int64_t kMostDraws = 1'000'000;
constexpr double kUnread = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<Choice<Distribution>, 3> kDistributionNames{
    {{"uniform", Distribution::kUniform},
     {"log_uniform", Distribution::kLogUniform},
     {"choice", Distribution::kChoice}}};

}  // namespace

void bind(Binder& b, RangeConfig& s) {
  b.number({"from", "", "first value", kRequired}, s.from, {});
  b.number({"to", "", "no value lies beyond", kRequired}, s.to, {});
  b.number({"step", "", "distance of two values"}, s.step,
           {std::numeric_limits<double>::min(), NumberRange{}.high});
}

void bind(Binder& b, PowersConfig& s) {
  constexpr IntegerRange kPowers{1, std::int64_t{1} << 62};
  b.integer({"from", "", "first value, a power of two", kRequired}, s.from, kPowers);
  b.integer({"to", "", "last value, a power of two", kRequired}, s.to, kPowers);
}

void bind(Binder& b, RandomConfig& s) {
  b.choice({"distribution", "", "uniform or log_uniform between from and to; choice: one of `of`"},
           s.distribution, kDistributionNames);
  b.number({"from", "", "smallest value"}, s.from, {});
  b.number({"to", "", "largest value"}, s.to, {});
  b.number({"step", "", "values are whole steps above from; 0: any number"}, s.step);
  b.values({"of", "", "what choice draws from"}, s.of, {1});
  b.integer({"count", "", "values to draw", kRequired}, s.count, {1, kMostDraws});
  b.integer({"seed", "", "seed of the draws"}, s.seed);
}

namespace {

/// A section that may be left out: `unread` has no value a file can hold in `probe`.
template <class T, class Value>
void optional_section(Binder& b, const Key& key, std::optional<T>& member, Value T::*probe,
                      Value unread) {
  T value = member.value_or(T{});
  if (!b.describing()) value.*probe = unread;
  b.section(key, value);
  const bool given = value.*probe == value.*probe && value.*probe != unread;
  if (!b.describing() && given) member = value;
}

void bind_values(Binder& b, KeyAxisConfig& s) {
  b.values({"values", "", "the values, one after another"}, s.values, {1});
  optional_section(b, {"range", "", "evenly spaced numbers"}, s.range, &RangeConfig::from, kUnread);
  optional_section(b, {"powers_of_two", "", "1, 2, 4, ..."}, s.powers_of_two, &PowersConfig::from,
                   std::int64_t{0});
  optional_section(b, {"random", "", "seeded random values"}, s.random, &RandomConfig::count,
                   std::int64_t{0});
}

}  // namespace

void bind(Binder& b, KeyAxisConfig& s) {
  b.text({"key", "", "JSON pointer into the run file", kRequired}, s.key);
  bind_values(b, s);
}

void bind(Binder& b, AxisConfig& s) {
  b.text({"key", "", "JSON pointer into the run file; left out: the keys of zip"}, s.key);
  bind_values(b, s);
  b.list({"zip", "", "keys that change together: the first values of all, the second of all, ..."},
         s.zip, {1, 64});
}

namespace {

/// Whole numbers without a point; others so that 0.1 steps do not show their last bits.
std::string number_text(double value) {
  constexpr double kExact = 9007199254740992;
  if (value == std::floor(value) && std::abs(value) <= kExact) {
    return fmt::format("{}", static_cast<std::int64_t>(value));
  }
  return fmt::format("{:.15g}", value);
}

/// Steps that fit between the ends, which may be off by rounding.
double whole_steps(double from, double to, double step) {
  return std::floor((to - from) / step + 1e-9);
}

double draw(const RandomConfig& random, const CounterRng& rng, std::uint64_t index) {
  const double at = rng.uniform(index);
  const bool logarithmic = random.distribution == Distribution::kLogUniform;
  const double value = logarithmic ? random.from * std::pow(random.to / random.from, at)
                                   : random.from + at * (random.to - random.from);
  if (random.step == 0) return std::min(value, random.to);
  const double steps = whole_steps(random.from, random.to, random.step);
  const double step =
      logarithmic ? std::round((value - random.from) / random.step) : std::floor(at * (steps + 1));
  return random.from + std::min(steps, step) * random.step;
}

std::vector<std::string> drawn_values(const std::string& key, const RandomConfig& random) {
  const CounterRng rng(random.seed, key);
  std::vector<std::string> values;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(random.count); ++i) {
    if (random.distribution == Distribution::kChoice) {
      values.push_back(random.of[rng.bits(i) % random.of.size()]);
    } else {
      values.push_back(number_text(draw(random, rng, i)));
    }
  }
  return values;
}

std::uint64_t range_size(const RangeConfig& range) {
  const double steps = whole_steps(range.from, range.to, range.step);
  constexpr double kMost = 1e18;
  return steps < kMost ? static_cast<std::uint64_t>(steps) + 1
                       : std::numeric_limits<std::uint64_t>::max();
}

}  // namespace

std::vector<std::string> axis_values(const KeyAxisConfig& axis) {
  if (!axis.values.empty()) return axis.values;
  if (axis.random) return drawn_values(axis.key, *axis.random);
  std::vector<std::string> values;
  for (std::uint64_t i = 0; i < axis_size(axis); ++i) {
    if (axis.range) {
      values.push_back(number_text(axis.range->from + static_cast<double>(i) * axis.range->step));
    } else {
      values.push_back(std::to_string(axis.powers_of_two->from << i));
    }
  }
  return values;
}

std::uint64_t axis_size(const KeyAxisConfig& axis) {
  if (axis.range) return range_size(*axis.range);
  if (axis.random) return static_cast<std::uint64_t>(axis.random->count);
  if (!axis.powers_of_two) return axis.values.size();
  const auto log2 = [](std::int64_t power) {
    return std::bit_width(static_cast<std::uint64_t>(power));
  };
  return static_cast<std::uint64_t>(log2(axis.powers_of_two->to) - log2(axis.powers_of_two->from)) +
         1;
}

std::uint64_t axis_size(const AxisConfig& axis) {
  return axis_size(axis.zip.empty() ? static_cast<const KeyAxisConfig&>(axis) : axis.zip.front());
}

namespace {

void check_order(const std::string& pointer, double from, double to,
                 std::vector<Diagnostic>& faults) {
  if (to >= from) return;
  faults.push_back({"", pointer + "/to",
                    fmt::format("got {}, expected at least the {} of from: the axis is empty",
                                number_text(to), number_text(from))});
}

void check_powers(const PowersConfig& powers, std::vector<Diagnostic>& faults) {
  for (const auto& [name, value] : {std::pair("from", powers.from), {"to", powers.to}}) {
    if (std::has_single_bit(static_cast<std::uint64_t>(value))) continue;
    faults.push_back({"", std::string("/powers_of_two/") + name,
                      fmt::format("got {}, expected a power of two", value)});
  }
  check_order("/powers_of_two", static_cast<double>(powers.from), static_cast<double>(powers.to),
              faults);
}

void check_random(const RandomConfig& random, std::vector<Diagnostic>& faults) {
  if (random.distribution == Distribution::kChoice) {
    if (random.of.empty())
      faults.push_back({"", "/random/of", "missing, expected what to choose from"});
    return;
  }
  if (!random.of.empty()) {
    faults.push_back({"", "/random/of", "stands beside a distribution that is not choice"});
  }
  check_order("/random", random.from, random.to, faults);
  if (random.distribution == Distribution::kLogUniform && random.from <= 0) {
    faults.push_back(
        {"", "/random/from",
         fmt::format("got {}, expected more than 0 (log_uniform)", number_text(random.from))});
  }
}

std::vector<Diagnostic> key_axis_faults(const KeyAxisConfig& axis) {
  std::vector<Diagnostic> faults;
  const int sources =
      static_cast<int>(!axis.values.empty()) + static_cast<int>(axis.range.has_value()) +
      static_cast<int>(axis.powers_of_two.has_value()) + static_cast<int>(axis.random.has_value());
  if (sources != 1) {
    faults.push_back({"", "",
                      fmt::format("has {} of values, range, powers_of_two and random, expected one",
                                  sources == 0 ? "none" : "several")});
  }
  if (axis.range) check_order("/range", axis.range->from, axis.range->to, faults);
  if (axis.powers_of_two) check_powers(*axis.powers_of_two, faults);
  if (axis.random) check_random(*axis.random, faults);
  return faults;
}

std::vector<Diagnostic> zip_faults(const AxisConfig& axis) {
  std::vector<Diagnostic> faults;
  if (!axis.key.empty()) faults.push_back({"", "/key", "stands beside zip, which has the keys"});
  for (std::size_t i = 0; i < axis.zip.size(); ++i) {
    const std::string pointer = fmt::format("/zip/{}", i);
    const std::vector<Diagnostic> own = below(pointer, key_axis_faults(axis.zip[i]));
    faults.insert(faults.end(), own.begin(), own.end());
    if (!faults.empty() || axis_size(axis.zip[i]) == axis_size(axis.zip[0])) continue;
    faults.push_back({"", pointer,
                      fmt::format("has {} values, the first key of the zip {}",
                                  axis_size(axis.zip[i]), axis_size(axis.zip[0]))});
  }
  return faults;
}

}  // namespace

std::vector<Diagnostic> validate(const AxisConfig& axis) {
  if (!axis.zip.empty()) return zip_faults(axis);
  std::vector<Diagnostic> faults = key_axis_faults(axis);
  if (axis.key.empty()) faults.push_back({"", "/key", "missing, expected a JSON pointer"});
  return faults;
}

}  // namespace mxsim
