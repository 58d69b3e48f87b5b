#pragma once

#include <cstdint>
#include <string>

#include "models/formats/format_spec.h"
#include "models/values/given_parameters.h"
#include "models/workload/graph.h"

namespace mxsim {

/// How a model states that its weights are quantized. kQonnx: nodes Quant and FloatQuant of domain
/// qonnx.custom_op.general, with a scale of any shape. kQcdq: QuantizeLinear, Clip and
/// DequantizeLinear of ONNX itself, for integers of up to 8 bits with one scale a tensor or an
/// output channel.
enum class QuantizerNodes : std::uint8_t { kQonnx, kQcdq };

/// A trained network whose weights of convolutions and linear layers are quantized in `weights`, as
/// an ONNX model (opset 13): the bytes of its file. Activations stay floating-point numbers. The
/// input is the network's, normalised; the output are the scores that its loss reads.
///
/// Throws InputError that names layers without an ONNX operator here, missing weights, and formats
/// that the nodes cannot state.
std::string quantized_onnx(const Graph& graph, const NetworkTensors& tensors,
                           const FormatSpec& weights, QuantizerNodes nodes);

}  // namespace mxsim
