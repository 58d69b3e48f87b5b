#pragma once

#include <cstdint>

namespace mxsim {

/// One axis of a (possibly strided, dilated or phase-split) convolution window: output position p
/// and tap t read input position p * stride + t * dilation - pad, if it lies in [0, in).
struct WindowAxis {
  std::int64_t in = 1;
  std::int64_t out = 1;
  std::int64_t taps = 1;  ///< 0: nothing to add up, results are zero
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad = 0;  ///< may be negative (phases of a strided data gradient)
  /// Window tap t is tap tap_start + t * tap_step of the `kernel` taps that the weight tensor holds
  /// along this axis (0, 1 and kernel == taps but for phases).
  std::int64_t kernel = 1;
  std::int64_t tap_start = 0;
  std::int64_t tap_step = 1;
  /// Result p is row p * out_step + out_start of the group's grid along this axis (1 and 0 but for
  /// phases).
  std::int64_t out_step = 1;
  std::int64_t out_start = 0;

  bool operator==(const WindowAxis&) const = default;
};

}  // namespace mxsim
