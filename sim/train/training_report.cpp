#include "sim/train/training_report.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <numeric>

namespace mxsim {
namespace {

Interval wilson(double share, double count) {
  constexpr double kNormalQuantile = 1.959963984540054;
  const double z2 = kNormalQuantile * kNormalQuantile / count;
  const double middle = (share + z2 / 2) / (1 + z2);
  const double half =
      kNormalQuantile / (1 + z2) * std::sqrt(share * (1 - share) / count + z2 / (4 * count));
  return {share, middle - half, middle + half};
}

}  // namespace

std::optional<std::int64_t> epochs_to(const TrainedFormat& format, double target) {
  const std::size_t epochs = format.seeds.front().epochs.size();
  for (std::size_t epoch = 0; epoch < epochs; ++epoch) {
    double sum = 0;
    for (const TrainedSeed& seed : format.seeds) sum += seed.epochs[epoch].accuracy;
    if (sum / static_cast<double>(format.seeds.size()) >= target) {
      return static_cast<std::int64_t>(epoch + 1);
    }
  }
  return std::nullopt;
}

Interval accuracy_interval(const std::vector<double>& shares, std::int64_t samples) {
  constexpr double kUpperTail = 0.975;
  const auto count = static_cast<double>(shares.size());
  if (shares.size() == 1) return wilson(shares.front(), static_cast<double>(samples));
  const double mean = std::accumulate(shares.begin(), shares.end(), 0.0) / count;
  double squares = 0;
  for (const double share : shares) squares += (share - mean) * (share - mean);
  const boost::math::students_t distribution(count - 1);
  const double half =
      boost::math::quantile(distribution, kUpperTail) * std::sqrt(squares / (count - 1) / count);
  return {mean, mean - half, mean + half};
}

}  // namespace mxsim
