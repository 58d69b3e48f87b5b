#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/core/shape.h"

namespace mxsim {

/// Element types of NumPy files that are read or written, by their "descr" without byte order.
/// bfloat16 is "V2", the two-byte void that NumPy writes for the type of ml_dtypes.
enum class NpyType : std::uint8_t {
  kBfloat16,
  kFloat16,
  kFloat32,
  kFloat64,
  kUint8,
  kUint16,
  kUint32
};

int item_bytes(NpyType type);
std::string_view to_string(NpyType type);  ///< "float32"
/// By "descr" without byte order, e.g. "f4".
std::optional<NpyType> find_npy_type(std::string_view descr);

/// An array of a NumPy .npy file (format versions 1 to 3): elements in C order and in the byte
/// order of this machine, whatever the file had.
struct NpyArray {
  NpyType type = NpyType::kFloat32;
  Shape shape;
  std::vector<char> bytes;
};

/// An array of one dimension.
template <class T>
NpyArray flat_array(NpyType type, const std::vector<T>& items) {
  NpyArray array{type, {static_cast<std::int64_t>(items.size())}, {}};
  array.bytes.resize(items.size() * sizeof(T));
  std::memcpy(array.bytes.data(), items.data(), array.bytes.size());
  return array;
}

/// Throws InputError naming the file and the fault: not a regular file, wrong magic, a header that
/// is no dictionary of NumPy's, a type that is not in NpyType, no dimensions, no elements, Fortran
/// order of more than two dimensions, fewer or more bytes than the shape asks for.
NpyArray read_npy(const std::string& path);

/// The file's header for C-ordered little-endian data; the data follow it.
std::string npy_header(NpyType type, const Shape& shape);

}  // namespace mxsim
