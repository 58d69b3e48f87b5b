#include "sim/run/request_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/run/merged_report.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

/// How far the cycles of an inner sample are from the straight line between its neighbours, as a
/// share; the largest. An interval between neighbours is half as wide, so that its own error is
/// smaller where cycles bend evenly.
double bend(const std::vector<DecodeSample>& samples, const std::vector<RunReport>& reports) {
  double most = 0;
  for (std::size_t i = 1; i + 1 < samples.size(); ++i) {
    const auto x = [&](std::size_t at) { return static_cast<double>(samples[at].context); };
    const auto y = [&](std::size_t at) {
      return static_cast<double>(reports[at].result.cycles.count());
    };
    const double line =
        y(i - 1) + (y(i + 1) - y(i - 1)) * (x(i) - x(i - 1)) / (x(i + 1) - x(i - 1));
    most = std::max(most, std::abs(line - y(i)) / y(i));
  }
  return most;
}

std::string sampling_text(const std::vector<DecodeSample>& samples,
                          const std::vector<RunReport>& reports) {
  std::string contexts;
  for (const DecodeSample& sample : samples) {
    contexts += fmt::format("{}{}", contexts.empty() ? "" : ", ", sample.context);
  }
  if (std::all_of(samples.begin(), samples.end(), [](const auto& s) { return s.steps == 1; })) {
    return fmt::format("decoding: every step is simulated, at contexts of {} tokens", contexts);
  }
  return fmt::format(
      "decoding: steps at contexts of {} tokens are simulated; cycles, counts and energies between "
      "neighbouring ones are taken to lie on a straight line. Cycles of the inner ones lie up to "
      "{:.3f} % off the line through their neighbours, which is twice as long as any line used",
      contexts, 100 * bend(samples, reports));
}

}  // namespace

std::vector<DecodeSample> decode_samples(std::int64_t first, std::int64_t steps) {
  std::vector<DecodeSample> samples;
  if (steps <= kEveryStep) {
    for (std::int64_t i = 0; i < steps; ++i) samples.push_back({first + i, 1});
    return samples;
  }
  // As many odd numbers add up to steps - 1 as its parity says.
  const std::int64_t rest = steps - 1;
  const std::int64_t intervals = kIntervals + rest % 2;
  samples.push_back({first, 0});
  std::int64_t left = rest;
  for (std::int64_t i = intervals; i > 0; --i) {
    const std::int64_t length = left / i + (left / i % 2 == 0 ? 1 : 0);
    left -= length;
    // Steps begin .. begin + length - 1 on the line from this sample to the next.
    samples.back().steps += (length + 1) / 2;
    samples.push_back({samples.back().context + length, (length - 1) / 2});
  }
  ++samples.back().steps;
  return samples;
}

std::vector<RunConfig> phases_of(const RunConfig& run) {
  if (run.generate == 0) return {run};
  std::vector<RunConfig> phases{request_phase(run, Mode::kPrefill, run.prompt, 0)};
  for (const DecodeSample& sample : decode_samples(run.prompt, run.generate - 1)) {
    phases.push_back(request_phase(run, Mode::kDecode, 1, sample.context));
  }
  return phases;
}

RunReport run_request(const RunConfig& run,
                      const std::function<RunReport(const RunConfig&)>& simulate) {
  MergedReport merged;
  const RunReport prefill = simulate(request_phase(run, Mode::kPrefill, run.prompt, 0));
  merged.add(prefill, 1, "prefill");
  TokenReport tokens;
  tokens.prompt = run.prompt;
  tokens.generated = run.generate;
  tokens.time_to_first_s = prefill.time_s;
  tokens.phases.push_back(
      {"prefill", 0, 1, prefill.time_s, prefill.result.cycles, prefill.energy_pj.value});
  const std::vector<DecodeSample> samples = decode_samples(run.prompt, run.generate - 1);
  std::vector<RunReport> reports;
  for (const DecodeSample& sample : samples) {
    reports.push_back(simulate(request_phase(run, Mode::kDecode, 1, sample.context)));
    const RunReport& step = reports.back();
    merged.add(step, sample.steps, "decode");
    tokens.phases.push_back({"decode", sample.context, sample.steps, step.time_s,
                             step.result.cycles, step.energy_pj.value});
  }
  RunReport report = merged.finish(run.seed);
  const auto all = static_cast<double>(run.generate * run.batch);
  if (run.generate > 1) {
    tokens.time_per_token_s =
        (report.time_s - prefill.time_s) / static_cast<double>(run.generate - 1);
    report.assumptions.push_back(sampling_text(samples, reports));
  }
  tokens.tokens_per_s = all / report.time_s;
  tokens.energy_per_token_pj = report.energy_pj.value / all;
  report.identity.mode = "prefill+decode";
  report.identity.items = run.generate * run.batch;
  report.identity.config_hash = config_hash(run);
  report.tokens = tokens;
  return report;
}

}  // namespace mxsim
