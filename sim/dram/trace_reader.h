#pragma once

#include <functional>
#include <string>

#include "sim/dram/trace_replay.h"

namespace mxsim {

/// Calls `use` for each line `0xADDRESS READ|WRITE CYCLE` of a trace file, plain or gzip (told from
/// its content). Empty lines and lines that begin with # are skipped. Throws InputError that names
/// the lines that cannot be read, go back in time or lie beyond `capacity_bytes`, at most 20;
/// memory does not depend on the length.
void read_trace(const std::string& path, std::int64_t capacity_bytes,
                const std::function<void(const TraceRequest&)>& use);

}  // namespace mxsim
