#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace mxsim {

/// Which groups of a gradient stay. kNone: all. kSampled: exactly the number that is kept, drawn
/// with probabilities that grow with the largest magnitude of a group and divided by them, so that
/// the expected gradient is the whole one. kLargest: those with the largest magnitudes (biased; the
/// published code of 1-bit FQT, arXiv 2408.14267).
enum class GradientPruning : std::uint8_t { kNone, kSampled, kLargest };

/// A group is all rows of one sample, or one column.
enum class GradientGroups : std::uint8_t { kSamples, kChannels };

/// How gradients enter backward GEMMs whose other operand has one bit.
struct OneBitTraining {
  int bits = 1;  ///< of an element that stays; one group of `bits` stays
  GradientPruning pruning = GradientPruning::kSampled;
  /// Of gradients that make weight gradients; those that make data gradients have kSamples.
  GradientGroups weight_gradients = GradientGroups::kChannels;
  std::int64_t samples = 1;  ///< of a micro-batch
};
inline constexpr int kMostGradientBits = 8;

/// Element i of group g is steps[i] x scales[g].
struct PrunedGradient {
  std::vector<float> steps;  ///< odd integers of `bits` bits: sums of 2^j t_j, t_j = -1 or 1; 0 in
                             ///< groups that are pruned
  std::vector<double> scales;  ///< 0 of pruned groups
};

/// Groups that stay of `groups`: a `bits`-th part, at least one.
std::int64_t kept_groups(std::int64_t groups, const OneBitTraining& training);

/// min(1, c x range) of each group, with the c for which they add up to `kept`; 1 of every range
/// above 0 where there are no more of them.
std::vector<double> keep_probabilities(std::span<const double> ranges, std::int64_t kept);

/// Elements of rows x cols `values`, row-major, rounded stochastically to 2^bits - 1 steps of equal
/// length between minus and plus the largest magnitude of their group. A group with an infinity or
/// NaN makes all scales NaN.
PrunedGradient prune_gradient(std::span<const float> values, std::int64_t cols,
                              GradientGroups groups, const OneBitTraining& training,
                              std::uint64_t seed);

}  // namespace mxsim
