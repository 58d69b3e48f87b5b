#include "models/mapping/plan/pinned_mapping.h"

#include <algorithm>

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

}  // namespace mxsim
