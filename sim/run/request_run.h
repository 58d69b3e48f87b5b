#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "sim/run/run_report.h"

namespace mxsim {

/// Steps of decoding that one simulated step stands for.
struct DecodeSample {
  std::int64_t context = 0;  ///< tokens in the cache before the step
  std::int64_t steps = 0;
  bool operator==(const DecodeSample&) const = default;
};

/// Which of the steps at contexts first .. first + steps - 1 are simulated, and for how many steps
/// each stands: the sum over all steps of a quantity that is a straight line between neighbouring
/// samples is the sum over samples of steps x quantity. Up to kEveryStep steps are all simulated;
/// else kIntervals or one more intervals of odd lengths, so that every sample stands for a whole
/// number of steps.
std::vector<DecodeSample> decode_samples(std::int64_t first, std::int64_t steps);
inline constexpr std::int64_t kEveryStep = 4;
inline constexpr std::int64_t kIntervals = 4;

/// The steps that a run simulates: itself, or of a request its prefill and samples of its decoding.
std::vector<RunConfig> phases_of(const RunConfig& run);

/// A request of a language model, `run.prompt` tokens and `run.generate` generated ones, for each
/// of `run.batch` requests at once: a prefill, which also generates the first token, and a decoding
/// step for each other token. `simulate` runs one phase.
RunReport run_request(const RunConfig& run,
                      const std::function<RunReport(const RunConfig&)>& simulate);

}  // namespace mxsim
