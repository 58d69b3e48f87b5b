#include "tests/support/dram_reference.h"

#include <fstream>
#include <sstream>

#include "sim/config/dram_reader.h"
#include "sim/dram/trace_reader.h"

namespace mxsim::testing {
namespace {

constexpr const char* kFolder = MXSIM_TEST_DATA "/dram/";

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::stringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) out.push_back(cell);
  return out;
}

}  // namespace

std::vector<std::map<std::string, std::string>> read_reference(const std::string& file) {
  std::ifstream stream(kFolder + file);
  std::string line;
  std::getline(stream, line);
  const std::vector<std::string> names = cells(line);
  std::vector<std::map<std::string, std::string>> rows;
  while (std::getline(stream, line)) {
    const std::vector<std::string> values = cells(line);
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < values.size(); ++i) row[names[i]] = values[i];
  }
  return rows;
}

std::vector<TraceRequest> reference_trace(const std::string& letter) {
  std::vector<TraceRequest> trace;
  if (letter == "e") {
    read_trace(std::string(kFolder) + "e_rand_read.trc.gz", {INT64_MAX},
               [&](const TraceRequest& request) { trace.push_back(request); });
    return trace;
  }
  if (letter == "c") {
    Traffic traffic({TrafficPattern::kStreams, 2, 1});
    for (int i = 0; i < 65535; ++i) trace.push_back(request_of(traffic.next()));
    return trace;
  }
  const DramAccess access = letter == "b" ? DramAccess::kWrite : DramAccess::kRead;
  const std::int64_t requests = letter == "g" ? 4096 : 65536;
  for (std::int64_t i = 0; i < requests; ++i) {
    trace.push_back({64 * i, access, letter == "g" ? 100 * i : 0});
  }
  return trace;
}

TraceRequest request_of(const Traffic::Access& access) {
  return {access.byte_address, access.write ? DramAccess::kWrite : DramAccess::kRead, 0};
}

DramDevice reference_device(const std::string& name) {
  return load_dram_device(MXSIM_ROOT "/configs/dram/reference/" + name + ".json");
}

ReplayResult replay(const std::string& device, const std::string& trace, DramProfile profile,
                    CommandLog* log) {
  TraceReplay player(reference_device(device), profile, {}, log);
  for (const TraceRequest& request : reference_trace(trace)) player.play(request);
  return player.finish();
}

ReplayResult replay(const DramDevice& device, const TrafficSpec& spec, std::int64_t requests,
                    DramProfile profile, const FrfcfsSpec& scheduler, CommandLog* log) {
  TraceReplay player(device, profile, scheduler, log);
  Traffic traffic(spec);
  for (std::int64_t i = 0; i < requests; ++i) player.play(request_of(traffic.next()));
  return player.finish();
}

}  // namespace mxsim::testing
