#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/formats/layout.h"

namespace mxsim {

/// What a caller asks for; a fault is reported under the name that the option has for him.
struct LayoutRequest {
  std::string format;
  std::optional<BlockShape> block;  ///< nothing: the format's own
  std::string scale_rule;           ///< empty: the format's own
  std::string_view block_option = "block";
  std::string_view scale_rule_option = "scale_rule";
};

/// Throws InputError, e.g. `--block: format bf16 has no block scale`.
DataLayout requested_layout(const LayoutRequest& request);

}  // namespace mxsim
