#pragma once

#include <algorithm>
#include <thread>

namespace mxsim {

/// The number that was asked for; 0: one for every core.
inline int worker_count(int asked) {
  if (asked > 0) return asked;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace mxsim
