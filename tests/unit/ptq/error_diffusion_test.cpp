// Error diffusion against the residual carried explicitly, and its law.
#include "models/ptq/error_diffusion.h"

#include <gtest/gtest.h>

#include "models/ptq/band_rounder.h"
#include "tests/support/drawn_layer.h"

namespace mxsim {
namespace {

using testing::direct_noise;
using testing::drawn_layer;
using testing::DrawnLayer;

/// u, positions x outputs, is stored and carried.
RowMatrix with_residual(const DrawnLayer& drawn) {
  const PtqLayer& layer = drawn.layer;
  RowMatrix residual = RowMatrix::Zero(drawn.x.rows(), layer.weights.cols());
  RowMatrix quantized(layer.weights.rows(), layer.weights.cols());
  BandRounder rounder(layer.layout, layer.weights.rows(), layer.weights.cols());
  for (std::int64_t t = 0; t < layer.weights.rows(); ++t) {
    if (t % rounder.band_rows() == 0) rounder.begin(t, layer.weights);
    for (std::int64_t p = 0; p < residual.rows(); ++p) {
      for (std::int64_t n = 0; n < residual.cols(); ++n) {
        residual(p, n) += drawn.x(p, t) * layer.weights(t, n);
      }
    }
    for (std::int64_t n = 0; n < residual.cols(); ++n) {
      double along = 0;
      double square = 0;
      for (std::int64_t p = 0; p < residual.rows(); ++p) {
        along += drawn.y(p, t) * residual(p, n);
        square += drawn.y(p, t) * drawn.y(p, t);
      }
      quantized(t, n) = rounder.round(t, n, square > 0 ? along / square : layer.weights(t, n));
      for (std::int64_t p = 0; p < residual.rows(); ++p) {
        residual(p, n) -= drawn.y(p, t) * quantized(t, n);
      }
    }
  }
  return quantized;
}

TEST(ErrorDiffusion, CarriesTheResidualOfTheCompositeFunction) {
  Workers workers(2);
  for (const std::string format : {"int4,float32_t0", "mxfp4_e2m1", "mxsf", "int4"}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const DrawnLayer drawn =
          drawn_layer(seed, format, {.reduction = 70, .outputs = 5, .noise = 0.2});
      EXPECT_EQ(error_diffusion(drawn.layer, workers), with_residual(drawn)) << format << seed;
    }
  }
}

TEST(ErrorDiffusion, HasLessOutputErrorThanRoundingInTheMean) {
  Workers alone(1);
  for (const double noise : {0.0, 0.1}) {
    double ratios = 0;
    constexpr int kLayers = 12;
    for (std::uint64_t seed = 1; seed <= kLayers; ++seed) {
      const DrawnLayer drawn =
          drawn_layer(seed, "int4,float32_t0", {.reduction = 32, .outputs = 16, .noise = noise});
      const double nearest =
          direct_noise(drawn, cast_weights(drawn.layer.layout, drawn.layer.weights));
      ratios += direct_noise(drawn, error_diffusion(drawn.layer, alone)) / nearest;
    }
    EXPECT_LT(ratios / kLayers, 0.9) << noise;
  }
}

TEST(ErrorDiffusion, RoundsRowsWithoutInputsToNearest) {
  Workers alone(1);
  DrawnLayer drawn = drawn_layer(4, "int4,e8m0_t0", {});
  drawn.x.col(3).setZero();
  drawn.layer.groups = {InputSums(16)};
  drawn.layer.groups.front().add(drawn.x, drawn.x, alone);
  const RowMatrix nearest = cast_weights(drawn.layer.layout, drawn.layer.weights);
  EXPECT_EQ(error_diffusion(drawn.layer, alone).row(3), nearest.row(3));
}

}  // namespace
}  // namespace mxsim
