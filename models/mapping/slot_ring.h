#pragma once

#include <utility>
#include <vector>

#include "models/mapping/program.h"

namespace mxsim {

/// The slots of one buffer in turn: what each holds and which commands must finish before it may be
/// refilled.
template <class Key>
class SlotRing {
 public:
  struct Slot {
    Key key{};
    std::vector<CommandId> ready;  ///< fills it
    std::vector<CommandId> users;  ///< last to use it
  };

  explicit SlotRing(std::int64_t slots) : slots_(static_cast<std::size_t>(slots)) {}

  Slot& current() { return slots_[current_]; }
  bool holds(const Key& key) const { return filled_ && slots_[current_].key == key; }
  /// Moves on to the next slot and returns what its refill must wait for.
  std::vector<CommandId> advance(const Key& key) {
    if (filled_) current_ = (current_ + 1) % slots_.size();
    filled_ = true;
    std::vector<CommandId> users = std::exchange(slots_[current_].users, {});
    slots_[current_] = {key, {}, {}};
    return users;
  }

 private:
  std::vector<Slot> slots_;
  std::size_t current_ = 0;
  bool filled_ = false;
};

}  // namespace mxsim
