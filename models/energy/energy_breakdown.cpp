#include "models/energy/energy_breakdown.h"

#include "models/core/error.h"

namespace mxsim {

std::string_view to_string(Component component) {
  constexpr std::array<std::string_view, kComponentCount> kNames{
      "pe", "sram", "dram", "vector", "requant", "dma", "static"};
  static_assert(!kNames.back().empty(), "every component has a name");
  return kNames[static_cast<std::size_t>(component)];
}

void EnergyBreakdown::add(Component component, const UncertainPrice& price, double energy_pj) {
  EnergyTerm& term = terms_[price.name()];
  if (term.energy_pj == 0) term = {component, 0, price.factors()};
  ensure(term.component == component && term.factors == price.factors(),
         "EnergyBreakdown: two prices share a name");
  term.energy_pj += energy_pj;
}

EnergyBreakdown& EnergyBreakdown::operator+=(const EnergyBreakdown& other) {
  for (const auto& [name, theirs] : other.terms_) {
    EnergyTerm& term = terms_[name];
    if (term.energy_pj == 0) term = {theirs.component, 0, theirs.factors};
    ensure(term.component == theirs.component && term.factors == theirs.factors,
           "EnergyBreakdown: two prices share a name");
    term.energy_pj += theirs.energy_pj;
  }
  return *this;
}

double EnergyBreakdown::component_pj(Component component) const {
  double sum = 0;
  for (const auto& [name, term] : terms_) {
    if (term.component == component) sum += term.energy_pj;
  }
  return sum;
}

double EnergyBreakdown::total_pj() const {
  double sum = 0;
  for (std::size_t i = 0; i < kComponentCount; ++i) sum += component_pj(static_cast<Component>(i));
  return sum;
}

}  // namespace mxsim
