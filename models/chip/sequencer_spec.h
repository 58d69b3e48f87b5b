#pragma once

#include <cstdint>

namespace mxsim {

/// Hands the units their commands, in order of the program.
struct SequencerSpec {
  std::int64_t issue_cycles = 0;  ///< for each command, of whichever unit
};

}  // namespace mxsim
