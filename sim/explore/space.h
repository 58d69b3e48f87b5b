#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/document.h"
#include "sim/config/setting.h"
#include "sim/config/sweep_config.h"

namespace mxsim {

/// A place in a space: the number of the value on each axis.
using Coordinates = std::vector<std::uint32_t>;

/// The axes of a sweep with all their values.
class Space {
 public:
  /// `file` is the sweep file; `sweep` is valid.
  Space(const SweepConfig& sweep, std::string file);

  std::size_t axes() const { return axes_.size(); }
  std::size_t values(std::size_t axis) const { return axes_.at(axis).values.size(); }
  /// The keys in the order of the axes.
  std::vector<std::string> keys() const;

  /// Product of the axes' values; none beyond 64 bits.
  std::optional<std::uint64_t> points() const;
  /// Coordinates of a point of the grid; the last axis changes fastest.
  Coordinates coordinates(std::uint64_t point) const;

  Settings settings(const Coordinates& at) const;
  /// Those of one axis alone.
  Settings settings(std::size_t axis, std::uint32_t value) const;
  /// What the run file's reader is told: the sweep's own settings, then the point's.
  std::vector<Override> overrides(const Coordinates& at) const;
  /// The sweep's own settings alone.
  const std::vector<Override>& base_overrides() const { return base_; }

 private:
  struct Value {
    std::vector<std::string> texts;   ///< JSON, by key of the axis
    std::vector<std::string> places;  ///< pointers in the sweep file
  };
  struct Axis {
    std::vector<std::string> keys;
    std::vector<Value> values;
  };

  static Axis axis_of(const AxisConfig& config, const std::string& pointer);

  std::string file_;
  std::vector<Axis> axes_;
  std::vector<Override> base_;
};

}  // namespace mxsim
