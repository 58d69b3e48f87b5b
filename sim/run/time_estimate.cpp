#include "sim/run/time_estimate.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "models/mapping/memory/traffic_bound.h"
#include "models/workload/lower.h"
#include "sim/run/request_run.h"

namespace mxsim {
namespace {

// Least squares of the relative errors over the CPU times of twelve shipped runs at batch 1 and 4
// or 8: 0.70 to 1.36 of what they took (Xeon, Sapphire Rapids).
constexpr double kSecondsPerBurst = 6.9e-8;
constexpr double kSecondsPerGroup = 4.9e-5;
constexpr double kSecondsPerSearchStep = 1.26e-5;
// Speed table of tests/bench/README.md: PE-cycles of fidelity `pe`, as if every PE were in use.
constexpr double kSecondsPerPeStep = 4.3e-9;

double halvings(std::int64_t size) {
  return 1 + std::log2(static_cast<double>(std::max<std::int64_t>(size, 1)));
}

/// A measure of the mappings that are tried for each shape of GEMM.
double search_steps(const OpList& ops) {
  std::set<std::tuple<GemmKind, std::int64_t, std::int64_t, std::int64_t, std::int64_t>> shapes;
  double steps = 0;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) {
      const auto [shape, is_new] =
          shapes.emplace(work.kind, work.gemm_m(), work.gemm_k(), work.n, work.h.taps);
      if (!is_new) continue;
      steps += halvings(work.gemm_m()) * halvings(work.gemm_k()) * halvings(work.n);
    }
  }
  return steps;
}

double macs_of(const OpList& ops) {
  double macs = 0;
  for (const OpGroup& group : ops.groups) {
    for (const GemmWork& work : group.gemms) macs += static_cast<double>(work.macs());
  }
  return macs;
}

}  // namespace

TimeTerms time_terms(const RunConfig& run) {
  TimeTerms terms;
  for (const RunConfig& phase : phases_of(run)) {
    const OpList ops = lower(phase.workload, lowering_policy(phase));
    const Bytes on_chip = capacity(phase.chip.buffers);
    Bytes traffic{0};
    for (const OpGroup& group : ops.groups) traffic += traffic_bound(ops, group, on_chip).total();
    terms.bursts += static_cast<double>(traffic.count()) /
                    static_cast<double>(phase.chip.dram.device.organisation.burst_bytes);
    terms.groups += static_cast<double>(ops.groups.size());
    terms.search_steps += search_steps(ops);
    if (phase.fidelity == Fidelity::kPe) terms.pe_steps += macs_of(ops);
  }
  return terms;
}

double estimated_seconds(const TimeTerms& terms) {
  return terms.bursts * kSecondsPerBurst + terms.groups * kSecondsPerGroup +
         terms.search_steps * kSecondsPerSearchStep + terms.pe_steps * kSecondsPerPeStep;
}

double estimated_seconds(const RunConfig& run) { return estimated_seconds(time_terms(run)); }

}  // namespace mxsim
