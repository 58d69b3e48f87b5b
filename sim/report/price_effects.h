#pragma once

#include <string>
#include <vector>

#include "models/energy/uncertainty.h"

namespace mxsim {

/// The energy of a run when one uncertain factor alone is at either end of its band.
struct PriceEffect {
  Factor factor;
  double low_pj = 0;
  double high_pj = 0;
};

/// By falling distance between the two ends; equal ones by name.
std::vector<PriceEffect> price_effects(const EnergyBreakdown& energy);

}  // namespace mxsim
