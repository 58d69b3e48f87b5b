// GPTQ against a textbook implementation, and its law.
#include "models/ptq/gptq.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "models/core/error.h"
#include "models/ptq/band_rounder.h"
#include "tests/support/drawn_layer.h"

namespace mxsim {
namespace {

using testing::direct_noise;
using testing::drawn_layer;
using testing::DrawnLayer;
using Rows = std::vector<std::vector<double>>;

/// Gauss-Jordan without pivots: the matrix is positive definite.
Rows inverse(Rows matrix) {
  const std::size_t n = matrix.size();
  Rows result(n, std::vector<double>(n));
  for (std::size_t i = 0; i < n; ++i) result[i][i] = 1;
  for (std::size_t p = 0; p < n; ++p) {
    const double pivot = matrix[p][p];
    for (std::size_t c = 0; c < n; ++c) matrix[p][c] /= pivot, result[p][c] /= pivot;
    for (std::size_t r = 0; r < n; ++r) {
      if (r == p) continue;
      const double factor = matrix[r][p];
      for (std::size_t c = 0; c < n; ++c) {
        matrix[r][c] -= factor * matrix[p][c];
        result[r][c] -= factor * result[p][c];
      }
    }
  }
  return result;
}

/// Optimal brain quantization in a fixed order (the paper's equations 2 and 3): after every row
/// the inverse Hessian of the rows that remain is found by inversion. `levels` is the largest
/// integer; scales are powers of two, chosen from the given weights of the whole column.
Rows textbook(const DrawnLayer& drawn, double damping, int levels) {
  const RowMatrix hessian = drawn.y.transpose() * drawn.y;
  const std::int64_t rows = hessian.rows();
  Rows weights(static_cast<std::size_t>(rows));
  std::vector<double> scales;
  for (std::int64_t c = 0; c < drawn.layer.weights.cols(); ++c) {
    const double amax = drawn.layer.weights.col(c).cwiseAbs().maxCoeff();
    scales.push_back(std::exp2(std::floor(std::log2(amax)) - std::floor(std::log2(levels))));
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t c = 0; c < drawn.layer.weights.cols(); ++c) {
      weights[static_cast<std::size_t>(r)].push_back(drawn.layer.weights(r, c));
    }
  }
  for (std::int64_t first = 0; first < rows; ++first) {
    const auto f = static_cast<std::size_t>(first);
    const auto left = static_cast<std::size_t>(rows - first);
    Rows rest(left, std::vector<double>(left));
    for (std::size_t i = 0; i < left; ++i) {
      for (std::size_t j = 0; j < left; ++j) {
        rest[i][j] =
            hessian(first + static_cast<std::int64_t>(i), first + static_cast<std::int64_t>(j));
      }
      rest[i][i] += damping * hessian.diagonal().mean();
    }
    const Rows inverted = inverse(rest);
    for (std::size_t c = 0; c < scales.size(); ++c) {
      const double code = std::nearbyint(weights[f][c] / scales[c]);
      const double rounded =
          std::clamp(code, -static_cast<double>(levels), static_cast<double>(levels)) * scales[c];
      const double error = (weights[f][c] - rounded) / inverted[0][0];
      for (std::size_t j = 1; j < left; ++j) weights[f + j][c] -= error * inverted[0][j];
      weights[f][c] = rounded;
    }
  }
  return weights;
}

TEST(Gptq, IsOptimalBrainQuantizationInAFixedOrder) {
  Workers workers(2);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    for (const double damping : {0.01, 0.3}) {
      const DrawnLayer drawn =
          drawn_layer(seed, "int4,e8m0_t0", {.reduction = 70, .outputs = 5, .noise = 0.1});
      const RowMatrix result = gptq(drawn.layer, damping, workers);
      const Rows expected = textbook(drawn, damping, 7);
      for (std::int64_t r = 0; r < result.rows(); ++r) {
        for (std::int64_t c = 0; c < result.cols(); ++c) {
          EXPECT_EQ(result(r, c),
                    expected[static_cast<std::size_t>(r)][static_cast<std::size_t>(c)])
              << seed << " " << r << " " << c;
        }
      }
    }
  }
}

TEST(Gptq, HasLessOutputErrorThanRoundingInTheMean) {
  Workers alone(1);
  for (const std::string format :
       {"int4,float32_t0", "int3,float32_t8", "mxfp4_e2m1", "mxsf", "int4", "nvfp4", "uint4"}) {
    SCOPED_TRACE(format);
    double ratios = 0;
    constexpr int kLayers = 12;
    for (std::uint64_t seed = 1; seed <= kLayers; ++seed) {
      const DrawnLayer drawn = drawn_layer(seed, format, {.reduction = 32, .outputs = 16});
      const double nearest =
          direct_noise(drawn, cast_weights(drawn.layer.layout, drawn.layer.weights));
      ratios += direct_noise(drawn, gptq(drawn.layer, 0.01, alone)) / nearest;
    }
    EXPECT_LT(ratios / kLayers, 0.9);
  }
}

TEST(Gptq, TreatsGroupsAsLayersOfTheirOwn) {
  Workers alone(1);
  const DrawnLayer left = drawn_layer(1, "int4,e8m0_t0", {});
  const DrawnLayer right = drawn_layer(2, "int4,e8m0_t0", {});
  PtqLayer both = left.layer;
  both.weights.resize(16, 16);
  both.weights << left.layer.weights, right.layer.weights;
  both.groups.push_back(right.layer.groups.front());
  RowMatrix expected(16, 16);
  expected << gptq(left.layer, 0.01, alone), gptq(right.layer, 0.01, alone);
  EXPECT_EQ(gptq(both, 0.01, alone), expected);
}

TEST(Gptq, RoundsRowsWithoutInputsToNearest) {
  Workers alone(1);
  DrawnLayer drawn = drawn_layer(4, "int4,e8m0_t0", {});
  drawn.x.col(3).setZero();
  drawn.layer.groups = {InputSums(16)};
  drawn.layer.groups.front().add(drawn.x, drawn.x, alone);
  const RowMatrix nearest = cast_weights(drawn.layer.layout, drawn.layer.weights);
  EXPECT_EQ(gptq(drawn.layer, 0.01, alone).row(3), nearest.row(3));
}

TEST(Gptq, NamesALayerWhoseHessianIsNotPositiveDefinite) {
  Workers alone(1);
  DrawnLayer drawn = drawn_layer(4, "int4,e8m0_t0", {.positions = 3});
  drawn.layer.groups.front().narrow(0, 0) = -1;
  try {
    gptq(drawn.layer, 1e-6, alone);
    FAIL();
  } catch (const InputError& error) {
    EXPECT_STREQ(error.what(),
                 "layer \"drawn\": the Hessian of its inputs is not positive definite: a larger "
                 "damping is needed");
  }
}

}  // namespace
}  // namespace mxsim
