#pragma once

#include <cstddef>

#include "models/mapping/plan/plan_policy.h"

namespace mxsim {

/// The next group is handed out when fewer commands than this are unfinished. With overlap more
/// than can be under way at once: what a unit may begin is limited by the buffers' slots, a few
/// commands each.
constexpr std::size_t hand_out_window(GroupOverlap overlap) {
  return overlap == GroupOverlap::kOn ? 1024 : 1;
}

}  // namespace mxsim
