#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/core/error.h"
#include "sim/config/binder.h"

namespace mxsim {

/// from, from + step, ... up to `to`.
struct RangeConfig {
  double from = 0;
  double to = 0;
  double step = 1;
};

/// The powers of two from `from` to `to`, both inclusive.
struct PowersConfig {
  std::int64_t from = 1;
  std::int64_t to = 1;
};

enum class Distribution : std::uint8_t { kUniform, kLogUniform, kChoice };

/// `count` values drawn from [from, to], as multiples of `step` above `from` unless that is 0, or
/// from `of`.
struct RandomConfig {
  Distribution distribution = Distribution::kUniform;
  double from = 0;
  double to = 0;
  double step = 0;
  std::vector<std::string> of;  ///< JSON texts
  std::int64_t count = 1;
  std::uint64_t seed = 1;
};

/// The values that one key takes; exactly one of the four says them.
struct KeyAxisConfig {
  std::string key;                  ///< JSON pointer into the run file
  std::vector<std::string> values;  ///< JSON texts
  std::optional<RangeConfig> range;
  std::optional<PowersConfig> powers_of_two;
  std::optional<RandomConfig> random;
  std::string place;  ///< of the values in the file, for an axis that another key stands for
};

/// One axis of the grid: a key's values, or several keys that change together.
struct AxisConfig : KeyAxisConfig {
  std::vector<KeyAxisConfig> zip;
};

void bind(Binder& b, KeyAxisConfig& s);
void bind(Binder& b, AxisConfig& s);

/// Values of a key as JSON texts. The axis is valid.
std::vector<std::string> axis_values(const KeyAxisConfig& axis);

/// How many there are; saturates at the largest integer.
std::uint64_t axis_size(const KeyAxisConfig& axis);
std::uint64_t axis_size(const AxisConfig& axis);

/// What is wrong with an axis by itself; pointers count from it.
std::vector<Diagnostic> validate(const AxisConfig& axis);

}  // namespace mxsim
