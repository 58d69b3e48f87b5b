#include "models/formats/region.h"

namespace mxsim {

RegionStatistics statistics_of(const Region& region, std::span<const float> values,
                               std::int64_t cols) {
  RegionStatistics result;
  double sum = 0;
  std::int64_t count = 0;
  region.for_each(cols, [&](std::size_t i) {
    const double value = values[i];
    if (!std::isfinite(value)) {
      result.all_finite = false;
      return;
    }
    result.minimum = std::min(result.minimum, value);
    result.maximum = std::max(result.maximum, value);
    sum += std::fabs(value);
    ++count;
  });
  result.amax = std::max(std::fabs(result.minimum), result.maximum);  // never -0
  if (count > 0) result.mean_magnitude = sum / static_cast<double>(count);
  return result;
}

}  // namespace mxsim
