#include "models/energy/area_breakdown.h"

namespace mxsim {

std::string_view to_string(AreaComponent component) {
  constexpr std::array<std::string_view, kAreaComponentCount> kNames{"array", "sram", "vector",
                                                                     "requant", "transposer"};
  static_assert(!kNames.back().empty(), "every component has a name");
  return kNames[static_cast<std::size_t>(component)];
}

double AreaBreakdown::component_mm2(AreaComponent component) const {
  double sum = 0;
  for (const AreaPart& part : parts) {
    if (part.component == component) sum += part.mm2.value();
  }
  return sum;
}

double AreaBreakdown::total_mm2() const {
  double sum = 0;
  for (const AreaPart& part : parts) sum += part.mm2.value();
  return sum;
}

double AreaBreakdown::low_mm2() const {
  double sum = 0;
  for (const AreaPart& part : parts) sum += part.mm2.low();
  return sum;
}

double AreaBreakdown::high_mm2() const {
  double sum = 0;
  for (const AreaPart& part : parts) sum += part.mm2.high();
  return sum;
}

}  // namespace mxsim
