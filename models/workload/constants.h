#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mxsim {

/// A real number that the values of a layer kind need.
struct ConstantSpec {
  std::string_view name;
  std::optional<double> standard;  ///< value when absent; none: without it the layer has no values
  std::string_view meaning;
};

/// Constants of one layer: those that its trace gives, and standards.
class Constants {
 public:
  void set(std::string_view name, double value) { values_[std::string(name)] = value; }
  std::optional<double> find(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  double value_or(std::string_view name, double standard) const {
    return find(name).value_or(standard);
  }

 private:
  std::map<std::string, double, std::less<>> values_;
};

}  // namespace mxsim
