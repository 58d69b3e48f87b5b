#include "models/core/pass.h"

namespace mxsim {

std::string_view to_string(Pass pass) {
  constexpr std::array<std::string_view, kAllPasses.size()> kNames{
      "forward", "backward_data", "backward_weight", "update", "recompute"};
  return kNames[static_cast<std::size_t>(pass)];
}

}  // namespace mxsim
