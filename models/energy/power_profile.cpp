#include "models/energy/power_profile.h"

#include <algorithm>
#include <utility>

namespace mxsim {

double peak_power_w(const std::vector<EnergySpan>& spans) {
  constexpr double kJoulesPerPicojoule = 1e-12;
  std::vector<std::pair<double, double>> changes;  // moment, watts that begin (or end, below 0)
  for (const EnergySpan& span : spans) {
    if (span.end_s <= span.begin_s) continue;
    const double power_w = span.energy_pj * kJoulesPerPicojoule / (span.end_s - span.begin_s);
    changes.emplace_back(span.begin_s, power_w);
    changes.emplace_back(span.end_s, -power_w);
  }
  std::sort(changes.begin(), changes.end());  // of one moment, ends come first
  double power_w = 0;
  double peak_w = 0;
  for (const auto& [moment, change_w] : changes) {
    power_w += change_w;
    peak_w = std::max(peak_w, power_w);
  }
  return peak_w;
}

}  // namespace mxsim
