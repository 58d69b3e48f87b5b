#include "models/workload/kinds/convolution_checks.h"

#include <algorithm>

namespace mxsim {
namespace {

void refuse_uneven(std::int64_t channels, std::string_view what, std::int64_t groups,
                   LayerFaults& faults) {
  if (channels % groups == 0) return;
  faults.add("/attributes/groups", std::to_string(groups) + " groups do not divide " +
                                       std::to_string(channels) + " " + std::string(what));
}

}  // namespace

void check_convolution(const ShapedLayer& layer, const Window2d& window, LayerFaults& faults) {
  const Shape& input = layer.input_shapes[0];
  const std::int64_t out_channels = layer.attributes.scalar("out_channels");
  const std::int64_t groups = layer.attributes.scalar("groups");
  refuse_uneven(input[1], "input channels", groups, faults);
  refuse_uneven(out_channels, "out_channels", groups, faults);
  // The data gradient may count more positions than the forward pass.
  const Shape most{input[0],      std::max(window.h.in, window.h.out),
                   window.h.taps, std::max(window.w.in, window.w.out),
                   window.w.taps, input[1],
                   out_channels};
  if (!checked_elements(most)) faults.add("", "multiply-accumulates exceed 2^63");
}

}  // namespace mxsim
