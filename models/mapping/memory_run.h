#pragma once

#include <cstdint>
#include <vector>

#include "models/core/units.h"

namespace mxsim {

/// `count` pieces of `length` bytes, `stride` bytes apart, from byte address `base`.
struct MemoryRun {
  std::int64_t base = 0;
  std::int64_t length = 0;
  std::int64_t stride = 0;
  std::int64_t count = 1;

  Bytes payload() const { return Bytes(length * count); }
  bool operator==(const MemoryRun&) const = default;
};

Bytes payload(const std::vector<MemoryRun>& runs);

/// Bytes that whole bursts of `burst` bytes move for these runs; pieces that share a burst with the
/// next piece of their run count it once.
Bytes moved_bytes(const std::vector<MemoryRun>& runs, std::int64_t burst);

}  // namespace mxsim
