#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/formats/quantized_matrix.h"

namespace mxsim {

/// Row-major values of every element.
std::vector<float> dequantize(const QuantizedMatrix& matrix);
/// The same into `values`, one an element.
void dequantize(const QuantizedMatrix& matrix, std::span<float> values);
/// The same of codes kept apart from their scales. `Code` is uint8_t, uint16_t or uint32_t and no
/// code has more bits than an element.
template <class Code>
void dequantize(const BlockScales& scales, std::span<const Code> codes, std::span<float> values);

}  // namespace mxsim
