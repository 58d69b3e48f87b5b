#include "models/mapping/search/pin_faults.h"

#include <fmt/format.h>

#include <optional>

#include "models/mapping/search/mapping_model.h"

namespace mxsim {

std::vector<PinFault> pin_faults(const std::vector<PinnedMapping>& pins, const OpList& ops,
                                 const MapperChip& chip) {
  std::vector<PinFault> faults;
  for (std::size_t i = 0; i < pins.size(); ++i) {
    bool named = false;
    std::string misfit;
    for (const OpGroup& group : ops.groups) {
      for (const GemmWork& work : group.gemms) {
        const std::optional<GemmTiling> tiling = pinned_tiling({pins[i]}, group, work);
        if (!tiling) continue;
        named = true;
        const bool is_cut = work.kind == GemmKind::kWindow && work.taps() > 1 && work.packed == 1;
        const std::string fault =
            chip.unrolling.one_tap() && is_cut && tiling->taps != 1
                ? "expected \"taps\": 1, for the array takes one tap at a time (/chip/unrolling)"
                : MappingModel(group, work, ops.tensors, chip).misfit(*tiling);
        if (misfit.empty() && !fault.empty()) {
          misfit = fmt::format("layer \"{}\" ({}): {}", group.layer, to_string(group.pass), fault);
        }
      }
    }
    if (!named) misfit = fmt::format("\"{}\" names no layer with a GEMM", pins[i].layers);
    if (!misfit.empty()) faults.push_back({i, misfit});
  }
  return faults;
}

}  // namespace mxsim
