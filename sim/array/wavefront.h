#pragma once

#include <cstdint>
#include <deque>
#include <vector>

namespace mxsim {

/// Skewed activity along one edge of the array: lane i repeats what lane 0 does i * skew steps
/// later. Windows are added in order of time and must not overlap.
class Wavefront {
 public:
  struct Place {
    std::int64_t pass = -1;    ///< -1: the lane is idle in this step
    std::int64_t offset = -1;  ///< steps since the window reached the lane
  };

  Wavefront(std::int64_t lanes, std::int64_t skew);

  /// Lane 0 works for pass `pass` in steps start .. start + length - 1.
  void add(std::int64_t pass, std::int64_t start, std::int64_t length);
  /// What lane `lane` does in step `step`; every lane is asked in every step, in any order.
  Place at(std::int64_t lane, std::int64_t step);

 private:
  struct Window {
    std::int64_t pass;
    std::int64_t start;
    std::int64_t length;
  };

  std::int64_t skew_;
  std::deque<Window> windows_;
  std::int64_t retired_ = 0;         ///< windows before the front of the deque
  std::vector<std::int64_t> lanes_;  ///< current window of each lane
};

}  // namespace mxsim
