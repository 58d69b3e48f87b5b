#include "sim/explore/space.h"

#include <fmt/format.h>

#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

/// Where a value of the axis at `pointer` stands in the file.
std::string place_of(const KeyAxisConfig& axis, const std::string& pointer, std::size_t index) {
  if (!axis.place.empty()) return fmt::format("{}/{}", axis.place, index);
  if (!axis.values.empty()) return fmt::format("{}/values/{}", pointer, index);
  if (axis.range) return pointer + "/range";
  return pointer + (axis.random ? "/random" : "/powers_of_two");
}

}  // namespace

Space::Axis Space::axis_of(const AxisConfig& config, const std::string& pointer) {
  Axis axis;
  const auto add = [&](const KeyAxisConfig& each, const std::string& at) {
    const std::vector<std::string> texts = axis_values(each);
    axis.keys.push_back(each.key);
    axis.values.resize(texts.size());
    for (std::size_t i = 0; i < texts.size(); ++i) {
      axis.values[i].texts.push_back(texts[i]);
      axis.values[i].places.push_back(place_of(each, at, i));
    }
  };
  if (config.zip.empty()) add(config, pointer);
  for (std::size_t i = 0; i < config.zip.size(); ++i) {
    add(config.zip[i], fmt::format("{}/zip/{}", pointer, i));
  }
  return axis;
}

Space::Space(const SweepConfig& sweep, std::string file) : file_(std::move(file)) {
  for (std::size_t i = 0; i < sweep.axes.size(); ++i) {
    axes_.push_back(axis_of(sweep.axes[i], fmt::format("/axes/{}", i)));
  }
  for (const auto& [key, value] : sweep.set) {
    base_.push_back({key, value, file_, "/set/" + escape_pointer_token(key)});
  }
}

std::vector<std::string> Space::keys() const {
  std::vector<std::string> keys;
  for (const Axis& axis : axes_) keys.insert(keys.end(), axis.keys.begin(), axis.keys.end());
  return keys;
}

std::optional<std::uint64_t> Space::points() const {
  std::uint64_t points = 1;
  for (const Axis& axis : axes_) {
    if (__builtin_mul_overflow(points, axis.values.size(), &points)) return std::nullopt;
  }
  return points;
}

Coordinates Space::coordinates(std::uint64_t point) const {
  Coordinates at(axes_.size());
  for (std::size_t i = axes_.size(); i-- > 0;) {
    at[i] = static_cast<std::uint32_t>(point % axes_[i].values.size());
    point /= axes_[i].values.size();
  }
  return at;
}

Settings Space::settings(std::size_t axis, std::uint32_t value) const {
  Settings settings;
  const Axis& from = axes_.at(axis);
  for (std::size_t k = 0; k < from.keys.size(); ++k) {
    settings.push_back({from.keys[k], from.values.at(value).texts[k]});
  }
  return settings;
}

Settings Space::settings(const Coordinates& at) const {
  Settings settings;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    for (Setting& each : this->settings(i, at.at(i))) settings.push_back(std::move(each));
  }
  return settings;
}

std::vector<Override> Space::overrides(const Coordinates& at) const {
  std::vector<Override> overrides = base_;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    const Value& value = axes_[i].values.at(at.at(i));
    for (std::size_t k = 0; k < axes_[i].keys.size(); ++k) {
      overrides.push_back({axes_[i].keys[k], value.texts[k], file_, value.places[k]});
    }
  }
  return overrides;
}

}  // namespace mxsim
