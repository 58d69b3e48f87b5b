#pragma once

#include <string>
#include <vector>

namespace mxsim {

/// One replaced key of a run file.
struct Setting {
  std::string key;    ///< JSON pointer
  std::string value;  ///< JSON text
  bool operator==(const Setting&) const = default;
};
using Settings = std::vector<Setting>;

/// "/batch=2 /chip/array/rows=16"
std::string settings_text(const Settings& settings);

}  // namespace mxsim
