// One core. items_per_second: requests of a trace, one by one (without parsing), or bursts of runs.
#include <benchmark/benchmark.h>

#include <string>
#include <systemc>
#include <vector>

#include "models/core/rng.h"
#include "sim/config/dram_reader.h"
#include "sim/dram/frfcfs_channel.h"
#include "sim/dram/trace_replay.h"

namespace mxsim {
namespace {

enum class Pattern { kSequential, kRandom, kMixed };

/// Sequential and random reads over 64 MiB; mixed: random, one in three a write.
std::vector<TraceRequest> make_trace(Pattern pattern, std::int64_t burst_bytes) {
  constexpr std::int64_t kRequests = 200'000;
  constexpr std::int64_t kRegion = std::int64_t{1} << 26;
  const CounterRng rng(1, "trace");
  std::vector<TraceRequest> trace;
  for (std::int64_t i = 0; i < kRequests; ++i) {
    const auto draw = static_cast<std::int64_t>(rng.bits(static_cast<std::uint64_t>(i)) >> 8);
    const std::int64_t burst = pattern == Pattern::kSequential ? i : draw % (kRegion / burst_bytes);
    const bool write = pattern == Pattern::kMixed && (draw >> 40) % 3 == 0;
    trace.push_back({burst * burst_bytes, write ? DramAccess::kWrite : DramAccess::kRead, 0});
  }
  return trace;
}

void requests(benchmark::State& state, const std::string& file, Pattern pattern) {
  const DramDevice device = load_dram_device(file);
  const std::vector<TraceRequest> trace = make_trace(pattern, device.organisation.burst_bytes);
  for (auto _ : state) {
    TraceReplay replay(device, DramProfile::kFrfcfs);
    for (const TraceRequest& request : trace) replay.play(request);
    benchmark::DoNotOptimize(replay.finish());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(trace.size()));
}

class CountingSink : public BurstSink {
 public:
  void served(const ServedBursts& bursts) override { served_ += bursts.count; }
  void moved(std::int64_t) override {}
  std::int64_t count() const { return served_; }

 private:
  std::int64_t served_ = 0;
};

enum class RunTraffic { kReads, kWrites, kTransfers, kTurns, kPieces };

/// Long runs in one direction or both, long runs of pieces, or transfers as a training step has
/// them: pieces of a kilobyte or so of three operands, one of them written.
void push_runs(FrfcfsChannel& channel, const AddressMap& map, RunTraffic traffic) {
  constexpr std::int64_t kRun = std::int64_t{1} << 22;
  for (std::int64_t i = 0; i < 16; ++i) {
    const bool write = traffic == RunTraffic::kWrites ||
                       (traffic == RunTraffic::kTransfers && i % 3 == 2) ||
                       (traffic == RunTraffic::kTurns && i % 2 == 1);
    DramRun run{i * kRun, kRun, 0, 1};
    if (traffic == RunTraffic::kPieces) run = {i * kRun, 512, 1024, kRun / 1024};
    if (traffic == RunTraffic::kTransfers) run = {i * kRun, 1024, 1024 * (1 + i % 4), 1024};
    channel.push(write ? DramAccess::kWrite : DramAccess::kRead, run,
                 RunCursor::count_bursts(map, run).front(), static_cast<std::uint64_t>(i),
                 channel.now());
  }
}

void runs(benchmark::State& state, const std::string& file, RunTraffic traffic) {
  const DramDevice device = load_dram_device(file);
  const AddressMap map(device);
  CountingSink sink;
  for (auto _ : state) {
    FrfcfsChannel channel(device, map, FrfcfsSpec{}, DramStepping::kRun, 0, sink);
    push_runs(channel, map, traffic);
    channel.drain();
  }
  state.SetItemsProcessed(sink.count());
}

void register_all() {
  for (const char* name : {"ddr4-3200", "hbm2", "lpddr4-3200", "reference/ddr4",
                           "reference/ddr4_bgi", "reference/ddr4_close", "reference/hbm2"}) {
    const std::string file = std::string("configs/dram/") + name + ".json";
    const std::string label = std::string(name) + "/";
    const auto add = [&](const char* what, auto function, auto kind) {
      benchmark::RegisterBenchmark((label + what).c_str(), function, file, kind);
    };
    add("sequential", requests, Pattern::kSequential);
    add("random", requests, Pattern::kRandom);
    add("mixed", requests, Pattern::kMixed);
    add("runs/read", runs, RunTraffic::kReads);
    add("runs/write", runs, RunTraffic::kWrites);
    add("runs/transfers", runs, RunTraffic::kTransfers);
    add("runs/turns", runs, RunTraffic::kTurns);
    add("runs/pieces", runs, RunTraffic::kPieces);
  }
}

}  // namespace
}  // namespace mxsim

int sc_main(int argc, char** argv) {
  mxsim::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
