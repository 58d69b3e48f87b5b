#pragma once

#include <vector>

#include "models/core/unit.h"
#include "models/energy/energy_breakdown.h"
#include "models/energy/price.h"

namespace mxsim {

/// pJ for one count of an event in a unit. An event may have several prices in a unit.
struct EventPrice {
  Unit unit = Unit::kArray;
  Event event = Event::kMac;
  Component component = Component::kPe;
  UncertainPrice price;
};

/// What a chip costs in one choice of formats.
struct PriceList {
  std::vector<EventPrice> events;
  std::vector<UncertainPrice> static_mw;
  double dram_standing_mw = 0;  ///< what the cycles of DRAM ranks cost, as far as can be foreseen

  /// Sum of the prices of an event in a unit, pJ.
  double event_pj(Unit unit, Event event) const;
};

/// Counts times prices plus static power times time.
EnergyBreakdown energy(const UnitCounts& counts, double time_s, const PriceList& prices);

/// Why counting an event adds no energy by itself; "" for events that have a price.
std::string_view free_event_reason(Event event);

}  // namespace mxsim
