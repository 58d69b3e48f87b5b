#pragma once

#include <memory>
#include <string>

#include "models/dram/dram_device.h"
#include "sim/dram/trace_replay.h"
#include "sim/output/output_file.h"

namespace mxsim {

struct DramReport {
  DramDevice device;
  std::string profile;
  ReplayResult result;
};

/// {"cycles", "requests", "bandwidth_bytes_per_s", "utilization", "read_latency_mean", "hits",
/// "row_empty", "row_conflicts", "commands", "energy_pj", ...}
std::string dram_json(const DramReport& report);
std::string dram_text(const DramReport& report, std::size_t width);

/// Command log as CSV: cycle,cmd,channel,rank,bankgroup,bank,row,col. The rank counts through the
/// pseudo-channels of a channel; what a command does not address is -1.
class CommandCsv : public CommandLog {
 public:
  /// `file` outlives it.
  CommandCsv(const DramDevice& device, OutputFile& file);
  void record(const CommandRecord& command) override;
  /// Writes the rest; the caller commits the file.
  void finish();

 private:
  DramOrganisation organisation_;
  OutputFile& file_;
  std::string buffer_;
};

}  // namespace mxsim
