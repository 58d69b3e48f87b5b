#pragma once

#include <cstdint>
#include <map>

#include "models/core/unit.h"

namespace mxsim {

/// Sorts what the units count by the group that it is counted for. Units add to open(); whoever
/// runs a command books that to the command's group before another command counts anything.
class EventLedger {
 public:
  UnitCounts& open() { return open_; }
  void book(std::uint32_t group) {
    groups_[group] += open_;
    open_ = UnitCounts{};
  }
  /// All that was booked to the group; it is forgotten.
  UnitCounts take(std::uint32_t group) {
    const auto node = groups_.extract(group);
    return node.empty() ? UnitCounts{} : node.mapped();
  }

 private:
  UnitCounts open_;
  std::map<std::uint32_t, UnitCounts> groups_;
};

}  // namespace mxsim
