#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/dram/traffic.h"
#include "sim/dram/trace_replay.h"

namespace mxsim::testing {

/// Rows of a CSV file of tests/data/dram/ as column name -> text.
std::vector<std::map<std::string, std::string>> read_reference(const std::string& file);

/// The reference traces by letter: a sequential reads, b sequential writes, c a stream of reads and
/// one of writes 2:1, e random reads (from its file), g one sequential read every 100 cycles.
std::vector<TraceRequest> reference_trace(const std::string& letter);

TraceRequest request_of(const Traffic::Access& access);

DramDevice reference_device(const std::string& name);

/// Plays a reference trace on a reference device.
ReplayResult replay(const std::string& device, const std::string& trace, DramProfile profile,
                    CommandLog* log = nullptr);

/// Plays synthetic traffic, back to back.
ReplayResult replay(const DramDevice& device, const TrafficSpec& spec, std::int64_t requests,
                    DramProfile profile, const FrfcfsSpec& scheduler = {},
                    CommandLog* log = nullptr);

}  // namespace mxsim::testing
