#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/energy/energy_breakdown.h"

namespace mxsim {

/// A result with all prices at their values, and its 5th and 95th percentile.
struct Band {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// A saving when one factor alone moves to either end.
struct Sensitivity {
  Factor factor;
  double saving = 0;  ///< all factors at 1
  double saving_at_low = 0;
  double saving_at_high = 0;

  double effect() const;  ///< distance between the two ends
};

/// Propagates the bands of prices by seeded sampling. Every factor follows a triangular law from
/// low over 1 to high. A factor has one draw a sample, whichever run asks, so that what two runs
/// have in common cancels in their ratio.
class Uncertainty {
 public:
  explicit Uncertainty(std::uint64_t seed, int samples = 1000);

  Band energy_pj(const EnergyBreakdown& run) const;
  /// 1 - run / baseline.
  Band saving(const EnergyBreakdown& run, const EnergyBreakdown& baseline) const;

 private:
  std::vector<double> totals(const EnergyBreakdown& run) const;

  std::uint64_t seed_;
  int samples_;
};

/// Factors of either run, each changed alone, by falling effect on the saving; equal ones by name.
std::vector<Sensitivity> sensitivity(const EnergyBreakdown& run, const EnergyBreakdown& baseline);

/// The same energy, certain about the factor of that name: it is `multiplier`.
EnergyBreakdown with_factor(const EnergyBreakdown& run, const std::string& factor,
                            double multiplier);

}  // namespace mxsim
