#include "sim/explore/quality.h"

#include <gmock/gmock.h>

#include <cmath>

#include "models/formats/format_table.h"
#include "sim/config/load.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

RunConfig run_with(const std::vector<Override>& overrides) {
  return load_config<RunConfig>(std::string(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json"),
                                overrides);
}

PointExtras measured(QualityConfig config, const RunConfig& run) {
  PointExtras extras;
  Quality(std::move(config)).measure(run, extras);
  return extras;
}

constexpr int kGemmLayers = 7;  // of tiny_cnn

TEST(Quality, IsTheSumOfTheWeightsTimesBothOperandsNoise) {
  const QualityConfig config{
      {{"conv1|fc", 3, {{"mxsf", 20}, {"bf16", 50}}}, {".*", 1, {{"mxsf", 20}, {"bf16", 50}}}}};
  const PointExtras all = measured(config, run_with({{"/formats/default", "mxsf"}}));
  EXPECT_NEAR(*all.noise, (2 * 3 + (kGemmLayers - 2)) * 2 * 0.01, 1e-12);
  EXPECT_NEAR(*all.sqnr_db, 20 - 10 * std::log10(2), 1e-9);
  const PointExtras mixed = measured(
      config, run_with({{"/formats/default", "mxsf"},
                        {"/formats/overrides",
                         R"([{"layers": "fc", "weights": "bf16", "activations": "mxsf"}])"}}));
  EXPECT_NEAR(*all.noise - *mixed.noise, 3 * (0.01 - 1e-5), 1e-12);
}

TEST(Quality, LayersWithoutAnEntryAreNoiseless) {
  const PointExtras one =
      measured({{{"fc", 1, {{"mxsf", 10}}}}}, run_with({{"/formats/default", "mxsf"}}));
  EXPECT_NEAR(*one.noise, 0.2, 1e-12);
  EXPECT_FALSE(measured({}, run_with({})).noise.has_value());
}

TEST(Quality, FormatsThatAreNotGivenHaveTheNoiseOfGaussianNumbers) {
  const RunConfig run = run_with({{"/formats/default", "mxint8"}});
  const FormatSpec format = parse_format("mxint8");
  const double noise = gaussian_noise({format, {1, 32}}) + gaussian_noise({format, {32, 1}});
  EXPECT_NEAR(*measured({{{"fc", 1, {}}}}, run).noise, noise, 1e-15);
}

// Uniform steps of 2^-6 of a power-of-two scale; the block's largest of 32 Gaussian numbers lies
// mostly in [2, 4), so that the noise is about (2 * 2^-6)^2 / 12.
TEST(GaussianNoise, OfIntegersIsThatOfUniformSteps) {
  const double noise = gaussian_noise(default_layout(parse_format("mxint8")));
  const double step = 2 * std::ldexp(1.0, -6);
  EXPECT_NEAR(noise, step * step / 12, 0.35 * step * step / 12);
}

TEST(GaussianNoise, FallsWithEveryMantissaBit) {
  double before = 1;
  for (const char* name : {"mxfp4_e2m1", "e2m2,e8m0_t32", "mxfp6_e2m3", "bf16", "fp32"}) {
    const double noise = gaussian_noise(default_layout(parse_format(name)));
    EXPECT_LT(noise, before / 2) << name;
    before = noise;
  }
  EXPECT_EQ(before, 0);
}

}  // namespace
}  // namespace mxsim
