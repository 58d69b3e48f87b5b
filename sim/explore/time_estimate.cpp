#include "sim/explore/time_estimate.h"

#include "models/mapping/traffic_bound.h"
#include "models/workload/lower.h"

namespace mxsim {
namespace {

constexpr double kSecondsPerBurst = 1.2e-7;
constexpr double kSecondsPerGroup = 1.0e-4;
constexpr double kSecondsPerPeStep = 4.3e-9;
constexpr double kSecondsPerRun = 2e-3;

}  // namespace

double estimated_seconds(const RunConfig& run) {
  const OpList ops = lower(run.workload, lowering_policy(run));
  const auto burst_bytes = static_cast<double>(run.chip.dram.device.organisation.burst_bytes);
  double bursts = 0;
  double macs = 0;
  for (const OpGroup& group : ops.groups) {
    bursts +=
        static_cast<double>(traffic_bound(ops, group, capacity(run.chip.buffers)).total().count()) /
        burst_bytes;
    for (const GemmWork& work : group.gemms) macs += static_cast<double>(work.macs());
  }
  double seconds = kSecondsPerRun + bursts * kSecondsPerBurst +
                   static_cast<double>(ops.groups.size()) * kSecondsPerGroup;
  if (run.fidelity == Fidelity::kPe) seconds += macs * kSecondsPerPeStep;
  return seconds;
}

}  // namespace mxsim
