#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "models/energy/price.h"

namespace mxsim {

/// Where energy goes. kStatic: leakage, clock and DRAM background, whatever work is done.
enum class Component : std::uint8_t { kPe, kSram, kDram, kVector, kRequant, kDma, kStatic, kCount };

inline constexpr std::size_t kComponentCount = static_cast<std::size_t>(Component::kCount);

/// Key in reports: "pe", "sram", "dram", "vector", "requant", "dma", "static".
std::string_view to_string(Component component);

/// What was spent at one price: counts, or picojoules of a milliwatt for standing power.
struct EnergyTerm {
  Component component = Component::kPe;
  UncertainPrice price;
  double amount = 0;

  double energy_pj() const { return amount * price.value(); }
};

/// Energy of a piece of work by price name; breakdowns of parts add up to that of the whole.
class EnergyBreakdown {
 public:
  void add(Component component, const UncertainPrice& price, double amount);
  EnergyBreakdown& operator+=(const EnergyBreakdown& other);

  double component_pj(Component component) const;
  double total_pj() const;  ///< sum of the components in their order
  /// By price name; sums run in the order of the names.
  const std::map<std::string, EnergyTerm>& terms() const { return terms_; }

 private:
  std::map<std::string, EnergyTerm> terms_;
};

}  // namespace mxsim
