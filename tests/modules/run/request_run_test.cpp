#include "sim/run/request_run.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/config/load.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

TEST(DecodeSamples, FewStepsAreAllSimulated) {
  EXPECT_EQ(decode_samples(7, 0), std::vector<DecodeSample>{});
  EXPECT_EQ(decode_samples(7, 3), (std::vector<DecodeSample>{{7, 1}, {8, 1}, {9, 1}}));
}

TEST(DecodeSamples, StandForEveryStepAndSumStraightLinesExactly) {
  for (std::int64_t steps = 1; steps < 300; ++steps) {
    const std::vector<DecodeSample> samples = decode_samples(512, steps);
    std::int64_t count = 0, contexts = 0;
    for (const DecodeSample& sample : samples) {
      count += sample.steps;
      contexts += sample.steps * sample.context;
    }
    EXPECT_EQ(count, steps);
    EXPECT_EQ(contexts, steps * 512 + steps * (steps - 1) / 2) << steps;
    EXPECT_EQ(samples.front().context, 512);
    EXPECT_EQ(samples.back().context, 512 + steps - 1);
    EXPECT_LE(samples.size(), 6U);
  }
}

TEST(DecodeSamples, SumLinesThatBreakAtASampleExactly) {
  const std::vector<DecodeSample> samples = decode_samples(100, 128);
  const std::int64_t knee = samples[2].context;
  const auto cost = [&](std::int64_t context) {
    return 3 * context + 5 * std::max<std::int64_t>(0, context - knee);
  };
  std::int64_t sum = 0, expected = 0;
  for (const DecodeSample& sample : samples) sum += sample.steps * cost(sample.context);
  for (std::int64_t context = 100; context < 228; ++context) expected += cost(context);
  EXPECT_EQ(sum, expected);
}

RunConfig tiny_request(std::int64_t prompt, std::int64_t generate) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_vit_train.json",
                                {{"/workload", "traces/tiny_llama.json"},
                                 {"/mode", "infer"},
                                 {"/batch", "3"},
                                 {"/prompt", std::to_string(prompt)},
                                 {"/generate", std::to_string(generate)}});
}

RunReport phase(RunConfig config, Mode mode, std::int64_t tokens, std::int64_t context) {
  config.prompt = config.generate = 0;
  config.mode = mode;
  config.dimensions = {{"seq", tokens}, {"context", context}};
  return run_once(config);
}

TEST(RequestRun, IsThePrefillAndOneStepForEveryLaterToken) {
  const RunConfig config = tiny_request(5, 4);
  const RunReport request = run_once(config);
  const RunReport prefill = phase(config, Mode::kPrefill, 5, 0);
  std::int64_t cycles = prefill.result.cycles.count();
  std::int64_t macs = prefill.macs;
  double energy = prefill.energy_pj.value;
  UnitCounts counts = prefill.result.counts;
  for (const std::int64_t context : {5, 6, 7}) {
    const RunReport step = phase(config, Mode::kDecode, 1, context);
    cycles += step.result.cycles.count();
    macs += step.macs;
    energy += step.energy_pj.value;
    counts += step.result.counts;
  }
  EXPECT_EQ(request.result.cycles.count(), cycles);
  EXPECT_EQ(request.macs, macs);
  EXPECT_EQ(request.result.counts, counts);
  EXPECT_NEAR(request.energy_pj.value, energy, 1e-9 * energy);
  ASSERT_TRUE(request.tokens);
  EXPECT_EQ(request.tokens->prompt, 5);
  EXPECT_EQ(request.tokens->generated, 4);
  EXPECT_EQ(request.tokens->time_to_first_s, prefill.time_s);
  EXPECT_NEAR(request.tokens->time_per_token_s, (request.time_s - prefill.time_s) / 3, 1e-15);
  EXPECT_NEAR(request.tokens->tokens_per_s, 3 * 4 / request.time_s, 1e-6);
  EXPECT_NEAR(request.tokens->energy_per_token_pj, energy / (3 * 4), 1e-9 * energy);
}

TEST(RequestRun, LayersAddUpToTheTotals) {
  const RunReport request = run_once(tiny_request(3, 8));
  std::int64_t cycles = 0, macs = 0;
  for (const LayerReport& layer : request.layers) {
    EXPECT_TRUE(layer.phase == "prefill" || layer.phase == "decode");
    cycles += layer.cycles.count();
    macs += layer.macs;
  }
  EXPECT_EQ(cycles, request.result.cycles.count());
  EXPECT_EQ(macs, request.macs);
  for (const UnitActivity& activity : request.result.activity) {
    EXPECT_TRUE(activity.total() == request.result.cycles || activity.total() == Cycles(0));
  }
}

TEST(RequestRun, SampledStepsComeCloseToAllSteps) {
  const RunConfig config = tiny_request(2, 10);
  const RunReport request = run_once(config);
  std::int64_t cycles = phase(config, Mode::kPrefill, 2, 0).result.cycles.count();
  for (std::int64_t context = 2; context < 11; ++context) {
    cycles += phase(config, Mode::kDecode, 1, context).result.cycles.count();
  }
  EXPECT_NEAR(static_cast<double>(request.result.cycles.count()), static_cast<double>(cycles),
              0.02 * static_cast<double>(cycles));
}

}  // namespace
}  // namespace mxsim
