#include "tests/support/channel_bench.h"

#include <algorithm>

#include "models/core/rng.h"

namespace mxsim::testing {
namespace {

class Recorder : public BurstSink, public CommandLog {
 public:
  explicit Recorder(ChannelResult& result) : result_(result) {}
  void served(const ServedBursts& bursts) override {
    result_.left[bursts.request] -= bursts.count;
    result_.ends[bursts.request] = std::max(result_.ends[bursts.request], bursts.last_end_cycle());
  }
  void moved(std::int64_t) override {}
  void record(const CommandRecord& command) override { result_.log.push_back(command); }

 private:
  ChannelResult& result_;
};

}  // namespace

ChannelResult play_channel(const DramDevice& device, const std::vector<TimedRun>& runs,
                           DramStepping stepping, std::int64_t until, std::int64_t stride,
                           LogUse log) {
  ChannelResult result;
  const AddressMap map(device);
  std::vector<std::int64_t> bursts;
  for (const TimedRun& timed : runs) {
    bursts.push_back(RunCursor::count_bursts(map, timed.run).front());
  }
  result.left = bursts;
  result.ends.assign(runs.size(), 0);
  Recorder recorder(result);
  FrfcfsChannel channel(device, map, FrfcfsSpec{}, stepping, 0, recorder);
  if (log == LogUse::kKeep) channel.log_to(&recorder);
  std::int64_t now = 0;
  const auto go = [&](std::int64_t to) {
    while (now < to) channel.advance(now = std::min(to, now + stride));
  };
  for (std::size_t i = 0; i < runs.size(); ++i) {
    go(runs[i].visible);
    channel.push(runs[i].access, runs[i].run, bursts[i], i, runs[i].visible);
  }
  go(until);
  result.counts = channel.counts(until);
  return result;
}

std::vector<TimedRun> random_runs(const DramDevice& device, std::uint64_t seed, std::size_t count,
                                  std::int64_t span) {
  const CounterRng rng(seed, device.name);
  std::uint64_t draw = 0;
  const auto below = [&](std::int64_t n) {
    return static_cast<std::int64_t>(rng.bits(draw++) % static_cast<std::uint64_t>(n));
  };
  std::vector<TimedRun> runs;
  for (std::size_t i = 0; i < count; ++i) {
    TimedRun timed;
    timed.visible = below(span);
    timed.access = below(3) == 0 ? DramAccess::kWrite : DramAccess::kRead;
    const bool is_long = below(4) == 0;
    timed.run.row_bytes = is_long ? 1 + below(100'000) : 1 + below(400);
    timed.run.base = below(std::int64_t{1} << (10 + below(18)));
    timed.run.rows = is_long ? 1 : 1 + below(20);
    timed.run.stride = timed.run.row_bytes + below(10'000);
    runs.push_back(timed);
  }
  std::sort(runs.begin(), runs.end(),
            [](const TimedRun& a, const TimedRun& b) { return a.visible < b.visible; });
  return runs;
}

}  // namespace mxsim::testing
