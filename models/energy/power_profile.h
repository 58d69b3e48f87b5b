#pragma once

#include <vector>

namespace mxsim {

/// Energy that is spent evenly from one moment to another.
struct EnergySpan {
  double begin_s = 0;
  double end_s = 0;
  double energy_pj = 0;
};

/// The highest sum of the powers of the spans that are under way at any one moment; 0 when there is
/// none. Spans without length are left out.
double peak_power_w(const std::vector<EnergySpan>& spans);

}  // namespace mxsim
