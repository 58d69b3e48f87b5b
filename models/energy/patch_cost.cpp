#include "models/energy/patch_cost.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/chip/requant_patch.h"

namespace mxsim {

std::optional<PatchMacro> patch_macro(const PricedChip& chip,
                                      const std::vector<WorkFormats>& in_use,
                                      const SramTable& table) {
  std::int64_t rows = 0;
  for (const WorkFormats& work : in_use) rows = std::max(rows, work.patch_rows);
  if (rows == 0) return std::nullopt;
  constexpr std::int64_t kBanks = 1;
  const std::int64_t lanes = chip.requant.lanes;
  const std::int64_t word_bytes = kPatchWordColumns * kPatchElementBytes;
  PatchMacro patch{fmt::format("requant patch {}x{}", rows, lanes),
                   table.buffer(rows * word_bytes, 8 * word_bytes, kBanks),
                   ceil_div(lanes, kPatchWordColumns), word_bytes};
  return patch;
}

}  // namespace mxsim
