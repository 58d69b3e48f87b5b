#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/energy/priced_chip.h"

namespace mxsim {

/// Columns that one word of a patch holds: a macro of the patch's rows stands beside the others for
/// so many lanes. Small macros of long words cost a multiple an element.
inline constexpr std::int64_t kPatchWordColumns = 4;

/// The re-quantizer's patches (models/chip/requant_patch.h) in SRAM.
struct PatchMacro {
  std::string name;  ///< "requant patch 32x64": rows x columns
  SramMacro macro;   ///< one of those that a patch consists of
  std::int64_t macros = 1;
  std::int64_t word_bytes = 0;
};

/// Nothing where no work in use needs patches.
std::optional<PatchMacro> patch_macro(const PricedChip& chip,
                                      const std::vector<WorkFormats>& in_use,
                                      const SramTable& table);

}  // namespace mxsim
