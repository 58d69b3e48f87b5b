#include "models/values/pruned_gradient.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/core/error.h"
#include "models/core/rng.h"

namespace mxsim {
namespace {

/// Numbers of groups, largest range first; equal ones in order.
std::vector<std::size_t> by_range(std::span<const double> ranges) {
  std::vector<std::size_t> order(ranges.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t x, std::size_t y) { return ranges[x] > ranges[y]; });
  return order;
}

/// Systematic sampling (Madow, Annals of Mathematical Statistics 1949): a group whose stretch of
/// the cumulated probabilities holds u + an integer stays. Their number is fixed.
std::vector<double> sampled_weights(std::span<const double> ranges, std::int64_t kept, double u) {
  const std::vector<double> probabilities = keep_probabilities(ranges, kept);
  std::vector<double> weights(ranges.size(), 0.0);
  double before = 0;
  for (std::size_t g = 0; g < ranges.size(); ++g) {
    const double after = before + probabilities[g];
    const bool stays = probabilities[g] == 1 || std::ceil(after - u) > std::ceil(before - u);
    if (stays && probabilities[g] > 0) weights[g] = 1 / probabilities[g];
    before = after;
  }
  return weights;
}

std::vector<double> largest_weights(std::span<const double> ranges, std::int64_t kept) {
  std::vector<double> weights(ranges.size(), 0.0);
  const std::vector<std::size_t> order = by_range(ranges);
  for (std::int64_t i = 0; i < kept; ++i) weights[order[static_cast<std::size_t>(i)]] = 1;
  return weights;
}

/// 0 of a pruned group, otherwise what it is multiplied by.
std::vector<double> group_weights(std::span<const double> ranges, const OneBitTraining& training,
                                  const CounterRng& rng) {
  const std::int64_t kept = kept_groups(static_cast<std::int64_t>(ranges.size()), training);
  switch (training.pruning) {
    case GradientPruning::kSampled:
      return sampled_weights(ranges, kept, rng.uniform(0));
    case GradientPruning::kLargest:
      return largest_weights(ranges, kept);
    case GradientPruning::kNone:
      break;
  }
  return std::vector<double>(ranges.size(), 1.0);
}

}  // namespace

std::int64_t kept_groups(std::int64_t groups, const OneBitTraining& training) {
  if (training.pruning == GradientPruning::kNone) return groups;
  return std::max<std::int64_t>(1, groups / training.bits);
}

std::vector<double> keep_probabilities(std::span<const double> ranges, std::int64_t kept) {
  std::vector<double> probabilities(ranges.size(), 0.0);
  double total = std::accumulate(ranges.begin(), ranges.end(), 0.0);
  auto left = static_cast<double>(kept);
  for (const std::size_t g : by_range(ranges)) {
    if (ranges[g] == 0) break;
    const bool certain = left >= 1 && ranges[g] * left >= total;
    probabilities[g] = certain ? 1 : ranges[g] * left / total;
    if (!certain) continue;
    left -= 1;
    total -= ranges[g];
  }
  return probabilities;
}

PrunedGradient prune_gradient(std::span<const float> values, std::int64_t cols,
                              GradientGroups groups, const OneBitTraining& training,
                              std::uint64_t seed) {
  const auto size = static_cast<std::int64_t>(values.size());
  const bool by_sample = groups == GradientGroups::kSamples;
  ensure(!by_sample || size % training.samples == 0, "a gradient of whole samples");
  const std::int64_t count = by_sample ? training.samples : cols;
  const std::int64_t length = by_sample ? size / count : 1;
  const auto group_of = [&](std::int64_t i) {
    return static_cast<std::size_t>(by_sample ? i / length : i % cols);
  };
  std::vector<double> ranges(static_cast<std::size_t>(count), 0.0);
  PrunedGradient pruned{std::vector<float>(values.size(), 0.0F), ranges};
  bool finite = true;
  for (std::int64_t i = 0; i < size; ++i) {
    const double magnitude = std::fabs(values[static_cast<std::size_t>(i)]);
    finite = finite && std::isfinite(magnitude);
    ranges[group_of(i)] = std::max(ranges[group_of(i)], magnitude);
  }
  if (!finite) {
    std::fill(pruned.steps.begin(), pruned.steps.end(), 1.0F);
    std::fill(pruned.scales.begin(), pruned.scales.end(), std::numeric_limits<double>::quiet_NaN());
    return pruned;
  }
  const CounterRng rng(seed, "pruned gradient");
  const std::vector<double> weights = group_weights(ranges, training, rng);
  const double top = std::ldexp(1.0, training.bits) - 1;
  for (std::size_t g = 0; g < ranges.size(); ++g) pruned.scales[g] = weights[g] * ranges[g] / top;
  for (std::int64_t i = 0; i < size; ++i) {
    const std::size_t g = group_of(i);
    if (pruned.scales[g] == 0) continue;
    const double place = (values[static_cast<std::size_t>(i)] / ranges[g] + 1) * top / 2;
    const double word = rng.uniform(static_cast<std::uint64_t>(i) + 1);
    const double code = std::clamp(std::floor(place + word), 0.0, top);
    pruned.steps[static_cast<std::size_t>(i)] = static_cast<float>(2 * code - top);
  }
  return pruned;
}

}  // namespace mxsim
