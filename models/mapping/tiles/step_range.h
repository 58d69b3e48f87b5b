#pragma once

#include <cstdint>

namespace mxsim {

/// start, start + 1, ... (count of them)
struct Range {
  std::int64_t start = 0;
  std::int64_t count = 0;

  std::int64_t end() const { return start + count; }
  bool operator==(const Range&) const = default;
};

/// start, start + step, ... (count of them)
struct StepRange {
  std::int64_t start = 0;
  std::int64_t count = 0;
  std::int64_t step = 1;

  /// Distance from the first to one past the last.
  std::int64_t span() const { return count == 0 ? 0 : (count - 1) * step + 1; }
  bool operator==(const StepRange&) const = default;
};

}  // namespace mxsim
