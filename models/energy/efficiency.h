#pragma once

#include <cstdint>

namespace mxsim {

/// Figures of merit of a run. An operation is a multiplication or an addition: two a MAC.
struct Efficiency {
  double tops = 0;        ///< 10^12 operations per second
  double tops_per_w = 0;  ///< 10^12 operations per joule
  double tops_per_mm2 = 0;
  double average_power_w = 0;
  double energy_delay_product_js = 0;  ///< J s
};

/// What is divided by nothing (no time, energy or area) is 0.
Efficiency efficiency(std::int64_t macs, double time_s, double energy_pj, double area_mm2);

}  // namespace mxsim
