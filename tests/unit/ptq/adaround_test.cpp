// Learned rounding against rounding to nearest and against all choices.
#include "models/ptq/adaround.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "models/ptq/band_rounder.h"
#include "tests/support/drawn_layer.h"

namespace mxsim {
namespace {

using testing::direct_noise;
using testing::drawn_layer;
using testing::DrawnLayer;

RowMatrix nearest_of(const DrawnLayer& drawn) {
  return cast_weights(drawn.layer.layout, drawn.layer.weights);
}

TEST(AdaRound, NeverHasMoreErrorThanRoundingAndMuchLessInTheMean) {
  Workers workers(2);
  for (const std::string format : {"int3,float32_t0", "mxfp4_e2m1", "mxsf", "uint4"}) {
    SCOPED_TRACE(format);
    double ratios = 0;
    constexpr int kLayers = 6;
    for (std::uint64_t seed = 1; seed <= kLayers; ++seed) {
      const DrawnLayer drawn =
          drawn_layer(seed, format, {.reduction = 16, .outputs = 6, .noise = 0.02});
      const double nearest = direct_noise(drawn, nearest_of(drawn));
      const double learned = direct_noise(drawn, adaround(drawn.layer, {}, workers));
      EXPECT_LE(learned, nearest * (1 + 1e-9));
      ratios += learned / nearest;
    }
    EXPECT_LT(ratios / kLayers, 0.9);
  }
}

/// The least error of all choices between neighbours, of a layer with one output.
double best_error(const DrawnLayer& drawn) {
  const std::int64_t rows = drawn.layer.weights.rows();
  BandRounder rounder(drawn.layer.layout, rows, 1);
  rounder.begin(0, drawn.layer.weights);
  double best = std::numeric_limits<double>::infinity();
  for (std::uint32_t choice = 0; choice < 1U << rows; ++choice) {
    RowMatrix weights(rows, 1);
    for (std::int64_t r = 0; r < rows; ++r) {
      const auto [near, far] = rounder.neighbours(r, 0, drawn.layer.weights(r, 0));
      weights(r, 0) = (choice >> r & 1U) != 0 ? far : near;
    }
    best = std::min(best, direct_noise(drawn, weights));
  }
  return best;
}

TEST(AdaRound, ComesCloseToTheBestOfAllChoices) {
  Workers alone(1);
  double best = 0;
  double learned = 0;
  double nearest = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const DrawnLayer drawn = drawn_layer(seed, "int3,float32_t0", {.reduction = 8, .outputs = 1});
    const double least = best_error(drawn);
    const double error = direct_noise(drawn, adaround(drawn.layer, {}, alone));
    EXPECT_GE(error, least * (1 - 1e-9));
    best += least;
    learned += error;
    nearest += direct_noise(drawn, nearest_of(drawn));
  }
  EXPECT_LT(learned - best, (nearest - best) / 4);
}

TEST(AdaRound, GivesTheSameBitsForAnyNumberOfThreads) {
  Workers alone(1);
  Workers three(3);
  const DrawnLayer drawn = drawn_layer(9, "int4,float32_t0", {.reduction = 150, .outputs = 7});
  const AdaRoundSettings settings{.iterations = 50};
  EXPECT_EQ(adaround(drawn.layer, settings, alone), adaround(drawn.layer, settings, three));
}

}  // namespace
}  // namespace mxsim
