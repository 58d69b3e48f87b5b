#pragma once

#include "models/core/event.h"
#include "sim/dram/dram_port.h"

namespace mxsim {

/// A memory that counts what it does, for the account that each request names.
class DramModel : public DramPort {
 public:
  /// What requests of the account caused since the last call; none of them is under way.
  virtual EventCounts take_account(std::uint32_t account) = 0;
  /// All that no request caused, such as refresh and the time spent in each state.
  virtual EventCounts overhead() = 0;
};

}  // namespace mxsim
