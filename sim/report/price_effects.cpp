#include "sim/report/price_effects.h"

#include <algorithm>
#include <map>

namespace mxsim {

std::vector<PriceEffect> price_effects(const EnergyBreakdown& energy) {
  std::map<std::string, Factor> factors;
  for (const auto& [name, term] : energy.terms()) {
    for (const Factor& factor : term.price.factors()) factors.emplace(factor.name, factor);
  }
  std::vector<PriceEffect> effects;
  for (const auto& [name, factor] : factors) {
    effects.push_back({factor, with_factor(energy, name, factor.low).total_pj(),
                       with_factor(energy, name, factor.high).total_pj()});
  }
  std::stable_sort(effects.begin(), effects.end(), [](const PriceEffect& a, const PriceEffect& b) {
    return a.high_pj - a.low_pj > b.high_pj - b.low_pj;
  });
  return effects;
}

}  // namespace mxsim
