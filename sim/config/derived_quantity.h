#pragma once

#include <span>
#include <string_view>

#include "sim/config/run_config.h"

namespace mxsim {

/// A number that follows from a run's configuration without running it.
struct DerivedQuantity {
  std::string_view name;
  double (*of)(const RunConfig& run);
};

std::span<const DerivedQuantity> derived_quantities();

/// Also of "base:NAME"; null when there is none of that name.
const DerivedQuantity* find_quantity(std::string_view name);

/// The quantity is that of the base run.
bool is_of_base(std::string_view name);

}  // namespace mxsim
