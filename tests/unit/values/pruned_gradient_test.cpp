#include "models/values/pruned_gradient.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "models/core/rng.h"

namespace mxsim {
namespace {

/// 6 samples of 4 rows x 5 channels, of sizes that differ by two decades.
constexpr std::int64_t kSamples = 6;
constexpr std::int64_t kCols = 5;
constexpr std::size_t kSampleSize = 20;

std::vector<float> drawn_gradient() {
  const CounterRng rng(11, "gradient");
  std::vector<float> values(kSamples * kSampleSize);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double size = std::pow(10.0, -0.4 * static_cast<double>(i / kSampleSize));
    values[i] = static_cast<float>(size * rng.normal(i));
  }
  return values;
}

OneBitTraining training_of(int bits, GradientPruning pruning) {
  return {bits, pruning, GradientGroups::kChannels, kSamples};
}

std::size_t group_of(std::size_t element, GradientGroups groups) {
  return groups == GradientGroups::kSamples ? element / kSampleSize : element % kCols;
}

std::vector<double> ranges_of(const std::vector<float>& values, GradientGroups groups) {
  std::vector<double> ranges(groups == GradientGroups::kSamples ? kSamples : kCols, 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    double& range = ranges[group_of(i, groups)];
    range = std::max(range, std::fabs(static_cast<double>(values[i])));
  }
  return ranges;
}

TEST(KeepProbabilities, GrowWithTheRangeUpToOneAndAddUpToTheNumberThatStays) {
  const std::vector<double> ranges{8, 1, 0, 2, 1};
  const std::vector<double> two = keep_probabilities(ranges, 2);  // 8 stays, one of 1, 2, 1
  EXPECT_EQ(two, (std::vector<double>{1, 0.25, 0, 0.5, 0.25}));
  EXPECT_EQ(keep_probabilities(ranges, 1),
            (std::vector<double>{8.0 / 12, 1.0 / 12, 0, 2.0 / 12, 1.0 / 12}));
  EXPECT_EQ(keep_probabilities(ranges, 4), (std::vector<double>{1, 1, 0, 1, 1}));
  EXPECT_EQ(keep_probabilities(ranges, 5), (std::vector<double>{1, 1, 0, 1, 1}));
}

TEST(PrunedGradient, KeepsOneGroupInAsManyAsAnElementHasBits) {
  const std::vector<float> values = drawn_gradient();
  for (const auto groups : {GradientGroups::kSamples, GradientGroups::kChannels}) {
    for (const int bits : {1, 2, 3, 4}) {
      for (const auto pruning : {GradientPruning::kSampled, GradientPruning::kLargest}) {
        const std::int64_t of = groups == GradientGroups::kSamples ? kSamples : kCols;
        for (std::uint64_t seed = 0; seed < 50; ++seed) {
          const PrunedGradient pruned =
              prune_gradient(values, kCols, groups, training_of(bits, pruning), seed);
          const auto zeros = std::count(pruned.scales.begin(), pruned.scales.end(), 0.0);
          EXPECT_EQ(of - zeros, std::max<std::int64_t>(1, of / bits));
        }
      }
    }
  }
}

TEST(PrunedGradient, ElementsAreSumsOfBitPlanes) {
  const std::vector<float> values = drawn_gradient();
  for (const int bits : {1, 2, 4, 8}) {
    const PrunedGradient pruned = prune_gradient(values, kCols, GradientGroups::kSamples,
                                                 training_of(bits, GradientPruning::kSampled), 3);
    const int top = (1 << bits) - 1;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (pruned.scales[i / kSampleSize] == 0) {
        EXPECT_EQ(pruned.steps[i], 0);
        continue;
      }
      const auto code = static_cast<unsigned>((static_cast<int>(pruned.steps[i]) + top) / 2);
      int sum = 0;
      for (int plane = 0; plane < bits; ++plane) {
        sum += (1 << plane) * (((code >> plane) & 1U) != 0U ? 1 : -1);
      }
      EXPECT_EQ(sum, pruned.steps[i]);
    }
  }
}

/// Mean and variance of an element whose group stays with probability p, from their definitions.
struct Moments {
  double mean = 0;
  double variance = 0;
  double largest = 0;  ///< magnitude of any draw
};

Moments expected(double value, double range, double p, int bits) {
  const double top = std::ldexp(1.0, bits) - 1;
  const double place = (value / range + 1) * top / 2;
  const double upper = place - std::floor(place);
  const double step = 2 * range / top;
  const double square = value * value + step * step * upper * (1 - upper);
  return {value, square / p - value * value, range / p};
}

// The expected gradient is the gradient: sampling and rounding have the moments of their laws.
TEST(PrunedGradient, IsUnbiasedWithTheVarianceOfSamplingAndRounding) {
  constexpr int kDraws = 20000;
  const std::vector<float> values = drawn_gradient();
  for (const auto groups : {GradientGroups::kSamples, GradientGroups::kChannels}) {
    for (const int bits : {1, 2, 4}) {
      const std::vector<double> ranges = ranges_of(values, groups);
      const OneBitTraining training = training_of(bits, GradientPruning::kSampled);
      const std::vector<double> keep = keep_probabilities(
          ranges, kept_groups(static_cast<std::int64_t>(ranges.size()), training));
      std::vector<double> sums(values.size(), 0.0);
      std::vector<double> squares(values.size(), 0.0);
      for (std::uint64_t seed = 0; seed < kDraws; ++seed) {
        const PrunedGradient pruned = prune_gradient(values, kCols, groups, training, seed);
        for (std::size_t i = 0; i < values.size(); ++i) {
          const double drawn = pruned.steps[i] * pruned.scales[group_of(i, groups)];
          sums[i] += drawn;
          squares[i] += drawn * drawn;
        }
      }
      for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t g = group_of(i, groups);
        const Moments moments = expected(values[i], ranges[g], keep[g], bits);
        const double mean = sums[i] / kDraws;
        EXPECT_NEAR(mean, moments.mean, 5 * std::sqrt(moments.variance / kDraws) + 1e-7) << i;
        // A square of a draw varies by less than its mean times the largest square.
        const double square = moments.variance + moments.mean * moments.mean;
        const double spread = moments.largest * std::sqrt(square / kDraws);
        EXPECT_NEAR(squares[i] / kDraws, square, 5 * spread + 1e-9) << i;
      }
    }
  }
}

TEST(PrunedGradient, TheLargestGroupsStayAsTheyAre) {
  const std::vector<float> values = drawn_gradient();
  const PrunedGradient pruned = prune_gradient(values, kCols, GradientGroups::kSamples,
                                               training_of(2, GradientPruning::kLargest), 1);
  const std::vector<double> ranges = ranges_of(values, GradientGroups::kSamples);
  std::vector<double> sorted = ranges;
  std::sort(sorted.rbegin(), sorted.rend());
  for (std::size_t g = 0; g < ranges.size(); ++g) {
    EXPECT_DOUBLE_EQ(pruned.scales[g], ranges[g] >= sorted[2] ? ranges[g] / 3 : 0);
  }
}

TEST(PrunedGradient, AnInfinityReachesEveryResult) {
  std::vector<float> values = drawn_gradient();
  values[7] = INFINITY;
  const PrunedGradient pruned = prune_gradient(values, kCols, GradientGroups::kChannels,
                                               training_of(4, GradientPruning::kSampled), 1);
  for (const double scale : pruned.scales) EXPECT_TRUE(std::isnan(scale));
  for (const float step : pruned.steps) EXPECT_NE(step, 0);
}

TEST(PrunedGradient, ZerosHaveNoScale) {
  const std::vector<float> zeros(kSamples * kSampleSize, 0.0F);
  const PrunedGradient pruned = prune_gradient(zeros, kCols, GradientGroups::kSamples,
                                               training_of(2, GradientPruning::kSampled), 1);
  for (const double scale : pruned.scales) EXPECT_EQ(scale, 0);
}

}  // namespace
}  // namespace mxsim
