#include "sim/import/onnx/external_data.h"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

#include "models/core/error.h"
#include "sim/import/onnx/tensor_proto.h"
#include "sim/npy/npy_file.h"
#include "sim/npy/npy_floats.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using onnx::TensorProto;

[[noreturn]] void fail(const TensorProto& tensor, const std::string& message) {
  throw InputError(fmt::format("initializer \"{}\": {}", tensor.name(), message));
}

/// Types that arrays of NumPy have too.
std::optional<NpyType> array_type(std::int32_t data_type) {
  switch (data_type) {
    case TensorProto::FLOAT:
      return NpyType::kFloat32;
    case TensorProto::DOUBLE:
      return NpyType::kFloat64;
    case TensorProto::FLOAT16:
      return NpyType::kFloat16;
    case TensorProto::BFLOAT16:
      return NpyType::kBfloat16;
    default:
      return std::nullopt;
  }
}

struct ExternalPlace {
  std::string file;
  std::uint64_t offset = 0;
};

ExternalPlace place_of(const TensorProto& tensor) {
  ExternalPlace place;
  for (const auto& entry : tensor.external_data()) {
    const std::string& value = entry.value();
    if (entry.key() == "location") place.file = value;
    if (entry.key() != "offset") continue;
    const char* const end = value.data() + value.size();
    const auto [past, error] = std::from_chars(value.data(), end, place.offset);
    if (error != std::errc{} || past != end) {
      fail(tensor, fmt::format("external data at the offset \"{}\"", value));
    }
  }
  if (place.file.empty()) fail(tensor, "external data without a location");
  return place;
}

std::vector<char> external_bytes(const TensorProto& tensor, const std::string& folder,
                                 std::uint64_t size) {
  const ExternalPlace place = place_of(tensor);
  std::error_code error;
  const fs::path root = fs::weakly_canonical(folder.empty() ? "." : folder, error);
  const fs::path path = fs::weakly_canonical(root / place.file, error);
  const fs::path below = path.lexically_relative(root);
  if (error || below.empty() || *below.begin() == "..") {
    fail(tensor, fmt::format("external data \"{}\" lies outside the model's folder", place.file));
  }
  const std::uint64_t held = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  if (error || !fs::is_regular_file(path, error)) {
    fail(tensor, fmt::format("external data \"{}\": no such file", place.file));
  }
  if (place.offset > held || held - place.offset < size) {
    fail(tensor, fmt::format("external data \"{}\" has {} bytes, expected {} from byte {} on",
                             place.file, held, size, place.offset));
  }
  if (size > static_cast<std::uint64_t>(NpyFile::kMostBytesAtOnce)) {
    fail(tensor, fmt::format("external data of {} bytes, expected at most {}", size,
                             NpyFile::kMostBytesAtOnce));
  }
  std::vector<char> bytes(size);
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(place.offset));
  in.read(bytes.data(), static_cast<std::streamsize>(size));
  if (!in) fail(tensor, fmt::format("external data \"{}\" cannot be read", place.file));
  return bytes;
}

std::vector<float> converted(const TensorProto& tensor) {
  std::vector<float> floats;
  if (const auto values = all_values_of(tensor)) {
    floats.assign(values->numbers.begin(), values->numbers.end());
  }
  return floats;
}

}  // namespace

std::vector<float> initializer_floats(const TensorProto& tensor, const std::string& folder) {
  const Shape shape = shape_of(tensor);
  const auto type = array_type(tensor.data_type());
  const bool external = tensor.data_location() == TensorProto::EXTERNAL;
  if (!external && (!type || !tensor.has_raw_data())) return converted(tensor);
  if (!type) fail(tensor, "external data of whole numbers");
  const auto size = checked_mul(elements(shape), item_bytes(*type));
  if (!size) fail(tensor, "is too large");
  NpyArray array{*type, shape, {}};
  if (external) {
    array.bytes = external_bytes(tensor, folder, static_cast<std::uint64_t>(*size));
  } else {
    array.bytes.assign(tensor.raw_data().begin(), tensor.raw_data().end());
  }
  if (static_cast<std::int64_t>(array.bytes.size()) != *size) {
    fail(tensor, fmt::format("{} bytes, expected {}", array.bytes.size(), *size));
  }
  return to_floats(array, tensor.name(), Float64Rounding::kNearestEven);
}

}  // namespace mxsim
