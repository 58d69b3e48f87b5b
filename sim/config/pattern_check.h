#pragma once

#include <string>
#include <string_view>

#include "models/workload/layer_pattern.h"
#include "sim/config/binder.h"

namespace mxsim {

/// Reports a text that is no expression over layer names at `key`.
inline void check_pattern(Binder& b, std::string_view key, const std::string& text) {
  std::string fault = LayerPattern::fault(text);
  if (!fault.empty()) b.fault(key, std::move(fault));
}

}  // namespace mxsim
