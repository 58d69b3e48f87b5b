#pragma once

#include <string>
#include <vector>

#include "models/core/shape.h"
#include "models/formats/format_spec.h"

namespace mxsim {

/// Weights as a quantizer of an ONNX model states them: scale * (integer or minifloat - zero).
struct QuantizedWeights {
  Shape shape;                ///< of the operator's weights
  std::vector<float> values;  ///< after quantization, in this shape
  /// {}: one scale; one extent of `shape` and ones: a scale for each output channel; `shape`: one
  /// for each element.
  Shape scale_shape;
  std::vector<float> scales;
  std::vector<float> zeros;  ///< as many
};

/// Where element (row, column) of the weights' matrix view (op_list.h) lies in an operator's
/// weights: conv2d `shape` {out, in, height, width}, linear {in, out}.
std::size_t weight_place(const Shape& shape, std::int64_t row, std::int64_t col);

/// `matrix` is rows x cols, blocks of the format along the rows. Throws InputError for a Hadamard
/// transform and sub-blocks.
QuantizedWeights quantized_weights(const std::vector<float>& matrix, const Shape& shape,
                                   const FormatSpec& format);

/// Elements are equally spaced: integers times a power of two, which goes into the scale.
bool has_integers(const FormatSpec& format);

}  // namespace mxsim
