#pragma once

#include <vector>

#include "models/dram/dram_device.h"
#include "sim/dram/command_log.h"
#include "sim/dram/trace_replay.h"

namespace mxsim::testing {

/// Energy from a command log and the device's data alone, sharing no code with the simulator: power
/// of each rank's state, integrated over a window, and the charge of the commands that begin in it.
class DramPowerMeter : public CommandLog {
 public:
  explicit DramPowerMeter(const DramDevice& device) : device_(device) {}

  void record(const CommandRecord& command) override { log_.push_back(command); }
  /// Of the cycles `first` .. `end` - 1.
  ReplayEnergy energy(std::int64_t first, std::int64_t end) const;

 private:
  struct Power {
    double open, closed, open_down, closed_down;  ///< mW of a rank
  };
  Power power() const;
  double background_pj(std::int64_t first, std::int64_t end) const;

  DramDevice device_;
  std::vector<CommandRecord> log_;
};

}  // namespace mxsim::testing
