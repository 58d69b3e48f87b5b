#pragma once

#include <cstdint>
#include <vector>

namespace mxsim {

/// Latencies counted by cycle; those beyond the last bin share it.
class LatencyHistogram {
 public:
  void add(std::int64_t latency_cycles);
  std::int64_t count() const { return count_; }
  double mean() const;
  /// Least latency that at least `fraction` of the samples do not exceed; 0 without samples.
  std::int64_t quantile(double fraction) const;
  std::int64_t max() const { return max_; }

 private:
  static constexpr std::int64_t kLastBin = 1 << 20;

  std::vector<std::int64_t> bins_;
  std::int64_t count_ = 0;
  std::int64_t sum_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace mxsim
