#pragma once

#include <cstdint>

namespace mxsim {

/// What lies side by side in a pass along the reduction of a window's products. kWindow: channels
/// and taps (im2col). kChannels: channels of one tap, as of an array that adds over channels alone;
/// a pass never holds two taps, and depthwise groups are not packed.
enum class ReductionUnrolling : std::uint8_t { kWindow, kChannels };

struct UnrollingSpec {
  ReductionUnrolling reduction = ReductionUnrolling::kWindow;

  bool one_tap() const { return reduction == ReductionUnrolling::kChannels; }
};

}  // namespace mxsim
