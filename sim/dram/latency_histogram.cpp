#include "sim/dram/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace mxsim {

void LatencyHistogram::add(std::int64_t latency_cycles) {
  const auto bin = static_cast<std::size_t>(std::clamp<std::int64_t>(latency_cycles, 0, kLastBin));
  if (bin >= bins_.size()) bins_.resize(bin + 1, 0);
  ++bins_[bin];
  ++count_;
  sum_ += latency_cycles;
  max_ = std::max(max_, latency_cycles);
}

double LatencyHistogram::mean() const {
  return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::int64_t LatencyHistogram::quantile(double fraction) const {
  const auto needed = static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::int64_t seen = 0;
  for (std::size_t bin = 0; bin < bins_.size(); ++bin) {
    seen += bins_[bin];
    if (seen >= needed && seen > 0) return static_cast<std::int64_t>(bin);
  }
  return 0;
}

}  // namespace mxsim
