#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "models/dram/dram_device.h"
#include "sim/dram/command_log.h"

namespace mxsim::testing {

/// Checks a command log against the device's data alone, sharing no code with the simulator: every
/// timing rule by comparing pairs of commands, the command buses, the data buses, and that rows are
/// opened, used and closed in a legal order.
class DramAuditor : public CommandLog {
 public:
  explicit DramAuditor(const DramDevice& device) : device_(device) {}

  void record(const CommandRecord& command) override;
  const std::vector<std::string>& faults() const { return faults_; }
  std::int64_t commands() const { return commands_; }
  std::int64_t refreshes() const { return refreshes_; }

 private:
  struct Channel {
    std::deque<CommandRecord> recent;  ///< all that any rule can still reach
    std::map<int, std::int64_t> open;  ///< bank -> row
    std::set<int> down;                ///< ranks
    std::map<CommandBus, std::int64_t> bus_end;
    std::map<int, std::int64_t> data_end;  ///< pseudo-channel -> end of its last burst
  };

  void fault(const CommandRecord& command, const std::string& what);
  int node(int bank, DramLevel level) const;
  bool related(const TimingRule& rule, int a, int b) const;
  void check_rules(const Channel& channel, const CommandRecord& command);
  void check_buses(Channel& channel, const CommandRecord& command);
  void check_rows(Channel& channel, const CommandRecord& command);

  DramDevice device_;
  std::map<int, Channel> channels_;
  std::vector<std::string> faults_;
  std::int64_t commands_ = 0;
  std::int64_t refreshes_ = 0;
};

}  // namespace mxsim::testing
