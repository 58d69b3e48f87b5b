#pragma once

#include <string>
#include <vector>

#include "sim/import/lowering/tensor_network.h"

namespace mxsim {

/// The format of a node's first result ("int4", "e4m3fn", ""): what a quantizer of QONNX (Quant,
/// IntQuant, BipolarQuant, FloatQuant, Trunc) or QCDQ (QuantizeLinear, Clip, DequantizeLinear)
/// says, or the format of the input where the operator only moves or selects elements. Scales are
/// left to the format. Throws InputError for widths that are not constant or have no format.
std::string format_after(const NetNode& node, const std::vector<NetTensor>& tensors);

/// States the format of every tensor behind a quantizer.
void propagate_formats(TensorNetwork& network);

}  // namespace mxsim
