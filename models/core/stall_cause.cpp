#include "models/core/stall_cause.h"

#include <algorithm>

namespace mxsim {

std::string_view to_string(StallCause cause) {
  constexpr std::array<std::string_view, kStallCauseCount> kNames{
      "dma",    "dram",    "bank_conflict", "stationary_load", "scale_unit", "array",
      "vector", "requant", "accumulator",   "buffer",          "dependency", "issue"};
  static_assert(!kNames.back().empty(), "every cause has a name");
  return kNames[static_cast<std::size_t>(cause)];
}

Cycles StallCycles::total() const {
  Cycles sum{0};
  for (const Cycles cycles : cycles_) sum += cycles;
  return sum;
}

StallCause StallCycles::largest() const {
  const auto largest = std::max_element(cycles_.begin(), cycles_.end());
  return static_cast<StallCause>(largest - cycles_.begin());
}

StallCycles& StallCycles::operator+=(const StallCycles& other) {
  for (std::size_t i = 0; i < kStallCauseCount; ++i) cycles_[i] += other.cycles_[i];
  return *this;
}

StallCycles StallCycles::since(const StallCycles& earlier) const {
  StallCycles difference = *this;
  for (std::size_t i = 0; i < kStallCauseCount; ++i) difference.cycles_[i] -= earlier.cycles_[i];
  return difference;
}

}  // namespace mxsim
