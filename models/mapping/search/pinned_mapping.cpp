#include "models/mapping/search/pinned_mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/mapping/search/mapping_model.h"
#include "models/workload/layer_pattern.h"

namespace mxsim {
namespace {

bool names(const PinnedMapping& pin, const OpGroup& group) {
  if (pin.pass && *pin.pass != group.pass && *pin.pass != like(group.pass)) return false;
  return LayerPattern(pin.layers).matches(group.layer);
}

GemmTiling cut_down(GemmTiling tiling, const GemmWork& work) {
  const auto cut = [](std::int64_t size, std::int64_t extent) {
    return size == 0 ? extent : std::min(size, extent);
  };
  const bool whole = work.packed > 1;  // block-diagonals are not cut
  tiling.images = cut(tiling.images, work.images);
  tiling.h = cut(tiling.h, work.h.out);
  tiling.w = cut(tiling.w, work.w.out);
  tiling.channels = whole ? work.channels : cut(tiling.channels, work.channels);
  tiling.n = whole ? work.n : cut(tiling.n, work.n);
  const bool all_taps = whole || work.kind != GemmKind::kWindow || tiling.taps >= work.taps();
  if (all_taps) tiling.taps = 0;
  return tiling;
}

}  // namespace

std::optional<GemmTiling> pinned_tiling(const std::vector<PinnedMapping>& pins,
                                        const OpGroup& group, const GemmWork& work) {
  const auto pin = std::find_if(pins.begin(), pins.end(),
                                [&](const PinnedMapping& each) { return names(each, group); });
  if (pin == pins.end()) return std::nullopt;
  return cut_down(pin->tiling, work);
}

std::vector<PinFault> pin_faults(const std::vector<PinnedMapping>& pins, const OpList& ops,
                                 const MapperChip& chip) {
  std::vector<PinFault> faults;
  for (std::size_t i = 0; i < pins.size(); ++i) {
    bool named = false;
    std::string misfit;
    for (const OpGroup& group : ops.groups) {
      if (group.gemms.empty() || !names(pins[i], group)) continue;
      named = true;
      for (const GemmWork& work : group.gemms) {
        const std::string fault =
            MappingModel(group, work, ops.tensors, chip).misfit(cut_down(pins[i].tiling, work));
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
