#pragma once

#include <cstdint>

#include "models/dram/dram_command.h"

namespace mxsim {

/// One command on a command bus. `cycle` is its last bus cycle, the time that timing rules mean.
struct CommandRecord {
  std::int64_t cycle = 0;
  int channel = 0;
  DramCommand command = DramCommand::kActivate;
  int bank = 0;  ///< flat within the channel; the first of the rank for commands to a rank
  std::int64_t row = 0;
  std::int64_t burst = 0;
  bool operator==(const CommandRecord&) const = default;
};

class CommandLog {
 public:
  virtual ~CommandLog() = default;
  virtual void record(const CommandRecord& command) = 0;
};

}  // namespace mxsim
