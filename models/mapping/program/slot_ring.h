#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "models/mapping/program/program.h"

namespace mxsim {

/// The slots of one buffer: what each holds and which commands must finish before it may be
/// refilled. A new tile takes the place of the oldest.
template <class Key>
class SlotRing {
 public:
  struct Slot {
    Key key{};
    std::vector<CommandId> ready;  ///< fills it
    std::vector<CommandId> users;  ///< last to use it
    bool filled = false;
  };

  explicit SlotRing(std::int64_t slots) : slots_(static_cast<std::size_t>(slots)) {}

  /// The slot of the tile that was asked for last.
  Slot& current() { return slots_[current_]; }
  /// Whether some slot holds the tile; that slot becomes the current one.
  bool holds(const Key& key) {
    const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                   [&](const Slot& s) { return s.filled && s.key == key; });
    if (slot == slots_.end()) return false;
    current_ = static_cast<std::size_t>(slot - slots_.begin());
    return true;
  }
  /// Gives the tile the oldest slot, which becomes the current one, and returns what its refill
  /// must wait for.
  std::vector<CommandId> advance(const Key& key) {
    current_ = oldest_;
    oldest_ = (oldest_ + 1) % slots_.size();
    std::vector<CommandId> users = std::exchange(slots_[current_].users, {});
    slots_[current_] = {key, {}, {}, true};
    return users;
  }

 private:
  std::vector<Slot> slots_;
  std::size_t current_ = 0;
  std::size_t oldest_ = 0;
};

}  // namespace mxsim
