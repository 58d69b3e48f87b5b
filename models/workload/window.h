#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/workload/attributes.h"
#include "models/workload/layer_kind.h"
#include "models/workload/op_list.h"

namespace mxsim {

/// Sliding window of a convolution or pooling over the H and W axes of an N, C, H, W tensor.
struct Window2d {
  WindowAxis h;
  WindowAxis w;
};

/// Builds the window from the attributes kernel, stride, padding and (where the kind has it)
/// dilation, for input shape N, C, H, W. Adds a fault when the input is no image or the dilated
/// kernel is larger than the padded input.
Window2d infer_window(const ShapedLayer& layer, Extent2d dilation, LayerFaults& faults);

/// The layer for an image whose rows are those of `slices` images, one below the other (attribute
/// `slices`): as if each were an image of the batch. Adds a fault when they do not divide the rows.
ShapedLayer of_slices(const ShapedLayer& layer, LayerFaults& faults);

/// Where the gradient of the input comes from: input positions p = q * stride + r of one residue r
/// form a phase; each sums the few taps that reach them, so that no inserted zero is multiplied.
/// Phases cover every input position once; a position that no window reads is in a phase with 0
/// taps or reads only outside [0, in). Stride 1 gives the one phase of the flipped kernel.
std::vector<WindowAxis> data_gradient_phases(const WindowAxis& forward);

}  // namespace mxsim
