#include "models/energy/energy_breakdown.h"

#include "models/core/error.h"

namespace mxsim {

std::string_view to_string(Component component) {
  constexpr std::array<std::string_view, kComponentCount> kNames{
      "pe", "sram", "dram", "vector", "requant", "dma", "static"};
  static_assert(!kNames.back().empty(), "every component has a name");
  return kNames[static_cast<std::size_t>(component)];
}

void EnergyBreakdown::add(Component component, const UncertainPrice& price, double amount) {
  const auto [entry, is_new] = terms_.try_emplace(price.name(), EnergyTerm{component, price, 0});
  EnergyTerm& term = entry->second;
  ensure(is_new || (term.component == component && term.price == price),
         "EnergyBreakdown: two prices share a name");
  term.amount += amount;
}

EnergyBreakdown& EnergyBreakdown::operator+=(const EnergyBreakdown& other) {
  for (const auto& [name, term] : other.terms_) add(term.component, term.price, term.amount);
  return *this;
}

double EnergyBreakdown::component_pj(Component component) const {
  double sum = 0;
  for (const auto& [name, term] : terms_) {
    if (term.component == component) sum += term.energy_pj();
  }
  return sum;
}

double EnergyBreakdown::total_pj() const {
  double sum = 0;
  for (std::size_t i = 0; i < kComponentCount; ++i) sum += component_pj(static_cast<Component>(i));
  return sum;
}

}  // namespace mxsim
