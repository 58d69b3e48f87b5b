#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/dram/trace_replay.h"

namespace mxsim {

/// What a trace may name.
struct TraceLimits {
  std::int64_t capacity_bytes = 0;
  std::int64_t last_cycle = (std::int64_t{1} << 60) - 1;
  std::string reason = "";  ///< of last_cycle, for the message: ": the log would ..."
};

/// Calls `use` for each line `0xADDRESS READ|WRITE CYCLE` of a trace file, plain or gzip (told from
/// its content). Empty lines and lines that begin with # are skipped. Throws InputError that names
/// the lines that cannot be read, go back in time or lie beyond the limits, at most 20; memory does
/// not depend on the length, and reading ends at a line of more than 64 KiB.
void read_trace(const std::string& path, const TraceLimits& limits,
                const std::function<void(const TraceRequest&)>& use);

}  // namespace mxsim
