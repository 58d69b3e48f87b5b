#include "sim/import/onnx/tensor_proto.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <cstring>

#include "models/core/error.h"
#include "sim/import/lowering/constant_folding.h"

namespace mxsim {
namespace {

using onnx::TensorProto;

template <class T>
std::optional<std::vector<long double>> from_raw(const std::string& raw, std::size_t count) {
  if (raw.size() % sizeof(T) != 0 || raw.size() / sizeof(T) != count) return std::nullopt;
  std::vector<long double> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    T value{};
    std::memcpy(&value, raw.data() + i * sizeof(T), sizeof(T));
    numbers[i] = static_cast<long double>(value);
  }
  return numbers;
}

template <class Field>
std::optional<std::vector<long double>> from_field(const Field& field, std::size_t count) {
  if (static_cast<std::size_t>(field.size()) != count) return std::nullopt;
  std::vector<long double> numbers;
  for (const auto value : field) numbers.push_back(static_cast<long double>(value));
  return numbers;
}

std::optional<std::vector<long double>> raw_numbers(const TensorProto& tensor, std::size_t count) {
  const std::string& raw = tensor.raw_data();
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return from_raw<float>(raw, count);
    case TensorProto::DOUBLE:
      return from_raw<double>(raw, count);
    case TensorProto::INT64:
      return from_raw<std::int64_t>(raw, count);
    case TensorProto::INT32:
      return from_raw<std::int32_t>(raw, count);
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      return from_raw<std::uint8_t>(raw, count);
    case TensorProto::INT8:
      return from_raw<std::int8_t>(raw, count);
    case TensorProto::UINT16:
      return from_raw<std::uint16_t>(raw, count);
    case TensorProto::INT16:
      return from_raw<std::int16_t>(raw, count);
    case TensorProto::UINT32:
      return from_raw<std::uint32_t>(raw, count);
    case TensorProto::UINT64:
      return from_raw<std::uint64_t>(raw, count);
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<long double>> typed_numbers(const TensorProto& tensor,
                                                      std::size_t count) {
  switch (tensor.data_type()) {
    case TensorProto::FLOAT:
      return from_field(tensor.float_data(), count);
    case TensorProto::DOUBLE:
      return from_field(tensor.double_data(), count);
    case TensorProto::INT64:
      return from_field(tensor.int64_data(), count);
    case TensorProto::INT32:
    case TensorProto::UINT8:
    case TensorProto::INT8:
    case TensorProto::BOOL:
      return from_field(tensor.int32_data(), count);
    default:
      return std::nullopt;
  }
}

}  // namespace

bool is_whole(std::int32_t data_type) {
  switch (data_type) {
    case TensorProto::FLOAT:
    case TensorProto::DOUBLE:
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
      return false;
    default:
      return true;
  }
}

std::string element_name(std::int32_t data_type) {
  if (!TensorProto::DataType_IsValid(data_type)) return "";
  std::string name = TensorProto::DataType_Name(static_cast<TensorProto::DataType>(data_type));
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return name;
}

Shape shape_of(const TensorProto& tensor) {
  Shape shape(tensor.dims().begin(), tensor.dims().end());
  bool good = shape.size() <= 16 && checked_elements(shape).has_value();
  for (const std::int64_t extent : shape) good = good && extent >= 0;
  if (!good) {
    throw InputError(fmt::format("initializer \"{}\": extents {} are negative or too large",
                                 tensor.name(), to_string(shape)));
  }
  return shape;
}

std::optional<ConstantValues> values_of(const TensorProto& tensor) {
  if (elements(shape_of(tensor)) > kMostFoldedElements) return std::nullopt;
  return all_values_of(tensor);
}

std::optional<ConstantValues> all_values_of(const TensorProto& tensor) {
  const std::int64_t count = elements(shape_of(tensor));
  if (tensor.data_location() == TensorProto::EXTERNAL) return std::nullopt;
  const auto size = static_cast<std::size_t>(count);
  auto numbers = tensor.has_raw_data() ? raw_numbers(tensor, size) : typed_numbers(tensor, size);
  if (!numbers) return std::nullopt;
  return ConstantValues{std::move(*numbers), is_whole(tensor.data_type())};
}

TensorProto tensor_proto(const NetTensor& tensor, std::int32_t data_type) {
  TensorProto proto;
  proto.set_name(tensor.name);
  for (const std::int64_t extent : tensor.shape) proto.add_dims(extent);
  proto.set_data_type(data_type);
  for (const long double value : tensor.values->numbers) {
    if (data_type == TensorProto::FLOAT) {
      proto.add_float_data(static_cast<float>(value));
    } else if (data_type == TensorProto::DOUBLE) {
      proto.add_double_data(static_cast<double>(value));
    } else if (data_type == TensorProto::INT64) {
      proto.add_int64_data(static_cast<std::int64_t>(value));
    } else {
      proto.add_int32_data(static_cast<std::int32_t>(value));
    }
  }
  return proto;
}

}  // namespace mxsim
