#include "models/formats/hadamard.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>
#include <vector>

#include "models/formats/format_table.h"
#include "models/formats/quantizer.h"

namespace mxsim {
namespace {

std::vector<float> drawn(std::size_t count, unsigned seed) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(engine);
  return values;
}

/// Entry of the Walsh-Hadamard matrix: the sign of the bits that row and column share.
double entry(int row, int col, int points) {
  const bool odd = std::popcount(static_cast<unsigned>(row & col)) % 2 == 1;
  return (odd ? -1 : 1) / std::sqrt(static_cast<double>(points));
}

TEST(Hadamard, IsTheProductWithItsMatrixRunByRun) {
  for (const int points : {16, 32}) {
    const std::int64_t cols = 2 * points + 5;
    const std::vector<float> before = drawn(static_cast<std::size_t>(3 * cols), 1);
    std::vector<float> after = before;
    transform_hadamard(after, 3, cols, {1, 16}, points);
    for (std::int64_t row = 0; row < 3; ++row) {
      for (std::int64_t col = 0; col < cols; ++col) {
        const std::int64_t run = col / points * points;
        const bool whole = run + points <= cols;
        double expected = before[static_cast<std::size_t>(row * cols + col)];
        if (whole) {
          expected = 0;
          for (int i = 0; i < points; ++i) {
            expected += entry(static_cast<int>(col - run), i, points) *
                        before[static_cast<std::size_t>(row * cols + run + i)];
          }
        }
        EXPECT_NEAR(after[static_cast<std::size_t>(row * cols + col)], expected, 1e-5);
      }
    }
  }
}

TEST(Hadamard, LeavesProductsOfTwoTransformedOperandsAsTheyAre) {
  constexpr std::int64_t kTokens = 50;  // three runs of 16 and two tokens
  std::vector<float> x = drawn(kTokens * 4, 2);
  std::vector<float> y = drawn(kTokens * 3, 3);
  const auto product = [&](std::int64_t i, std::int64_t j) {
    double sum = 0;
    for (std::int64_t t = 0; t < kTokens; ++t) {
      sum += static_cast<double>(x[static_cast<std::size_t>(t * 4 + i)]) *
             y[static_cast<std::size_t>(t * 3 + j)];
    }
    return sum;
  };
  std::vector<double> before;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 3; ++j) before.push_back(product(i, j));
  }
  transform_hadamard(x, kTokens, 4, {16, 1}, 16);
  transform_hadamard(y, kTokens, 3, {16, 1}, 16);
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 3; ++j) {
      EXPECT_NEAR(product(i, j), before[static_cast<std::size_t>(i * 3 + j)], 1e-4);
    }
  }
}

TEST(Hadamard, TakesLogarithmAdditionsAValue) {
  EXPECT_EQ(hadamard_additions(0), 0);
  EXPECT_EQ(hadamard_additions(16), 4);
  EXPECT_EQ(hadamard_additions(32), 5);
}

// 16 bits of the fraction, a uniform word: the mean of many roundings is the value.
TEST(StochasticFormats, RoundToTheValueOnAverage) {
  const std::vector<float> values(4096, 1.3F);
  const QuantizedMatrix matrix =
      quantize(values, 1, 4096, {parse_format("mxfp4_e2m1:rounding=sr"), {1, 32}});
  double sum = 0;
  for (std::int64_t i = 0; i < 4096; ++i) sum += matrix.value(0, i);
  EXPECT_NEAR(sum / 4096, 1.3, 0.02);
}

}  // namespace
}  // namespace mxsim
