#include "models/energy/price_list.h"

namespace mxsim {
namespace {

constexpr double kPicojoulesPerMilliwattSecond = 1e9;

}  // namespace

double PriceList::event_pj(Unit unit, Event event) const {
  double sum = 0;
  for (const EventPrice& entry : events) {
    if (entry.unit == unit && entry.event == event) sum += entry.price.value();
  }
  return sum;
}

EnergyBreakdown energy(const UnitCounts& counts, double time_s, const PriceList& prices) {
  EnergyBreakdown breakdown;
  for (const EventPrice& entry : prices.events) {
    const std::uint64_t count = counts[entry.unit][entry.event];
    if (count == 0) continue;
    breakdown.add(entry.component, entry.price, static_cast<double>(count));
  }
  for (const UncertainPrice& power : prices.static_mw) {
    breakdown.add(Component::kStatic, power, time_s * kPicojoulesPerMilliwattSecond);
  }
  return breakdown;
}

std::string_view free_event_reason(Event event) {
  switch (event) {
    case Event::kPeActiveCycles:
    case Event::kPeIdleCycles:
      return "the clock of every PE is charged for every cycle of the chip";
    case Event::kStationaryLoads:
      return "a stationary operand is priced by the register move";
    case Event::kSramReadBytes:
    case Event::kSramWriteBytes:
      return "SRAM is priced by the word";
    case Event::kDramPrecharges:
      return "an activation is priced with the precharge that ends it";
    case Event::kDramRowHits:
    case Event::kDramRowEmpty:
    case Event::kDramRowConflicts:
      return "DRAM is priced by command or by byte";
    default:
      return "";
  }
}

}  // namespace mxsim
