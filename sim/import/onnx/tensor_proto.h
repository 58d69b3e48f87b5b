#pragma once

#include <optional>
#include <string>

#include "sim/import/lowering/tensor_network.h"
#include "sim/import/onnx/onnx_headers.h"

namespace mxsim {

/// Whether tensors of that type hold integers or truth values.
bool is_whole(std::int32_t data_type);

/// "float", "int8", ...: ONNX's name of an element type in lower case.
std::string element_name(std::int32_t data_type);

/// Extents of an initializer; throws InputError naming it when one is negative or all together
/// overflow. Zeros are kept.
Shape shape_of(const onnx::TensorProto& tensor);

/// The numbers of a small tensor whose data is in the file; nothing for others and for texts.
std::optional<ConstantValues> values_of(const onnx::TensorProto& tensor);

/// The same for a tensor of any size.
std::optional<ConstantValues> all_values_of(const onnx::TensorProto& tensor);

/// A tensor of those numbers, for shape inference: int64 or float.
onnx::TensorProto tensor_proto(const NetTensor& tensor, std::int32_t data_type);

}  // namespace mxsim
