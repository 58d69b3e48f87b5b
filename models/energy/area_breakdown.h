#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/energy/price.h"

namespace mxsim {

enum class AreaComponent : std::uint8_t { kArray, kSram, kVector, kRequant, kTransposer, kCount };

inline constexpr std::size_t kAreaComponentCount = static_cast<std::size_t>(AreaComponent::kCount);

/// Key in reports: "array", "sram", "vector", "requant", "transposer".
std::string_view to_string(AreaComponent component);

struct AreaPart {
  AreaComponent component = AreaComponent::kArray;
  UncertainPrice mm2;
};

/// Silicon of a chip. Control, clock tree, pads and the DRAM interface are left out.
struct AreaBreakdown {
  std::vector<AreaPart> parts;

  double component_mm2(AreaComponent component) const;
  double total_mm2() const;
  double low_mm2() const;   ///< every uncertain factor at its low end
  double high_mm2() const;  ///< every uncertain factor at its high end
};

}  // namespace mxsim
