#include "sim/npy/npy_array.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/npy/npy_file.h"

namespace mxsim {
namespace {

struct TypeRow {
  NpyType type;
  std::string_view name;
  std::string_view descr;
  int bytes;
};

constexpr std::array<TypeRow, 7> kTypes{{{NpyType::kBfloat16, "bfloat16", "V2", 2},
                                         {NpyType::kFloat16, "float16", "f2", 2},
                                         {NpyType::kFloat32, "float32", "f4", 4},
                                         {NpyType::kFloat64, "float64", "f8", 8},
                                         {NpyType::kUint8, "uint8", "u1", 1},
                                         {NpyType::kUint16, "uint16", "u2", 2},
                                         {NpyType::kUint32, "uint32", "u4", 4}}};

const TypeRow& row_of(NpyType type) { return kTypes[static_cast<std::size_t>(type)]; }

void make_c_ordered(NpyArray& array) {
  const auto rows = static_cast<std::size_t>(array.shape[0]);
  const auto cols = static_cast<std::size_t>(array.shape[1]);
  const auto item = static_cast<std::size_t>(item_bytes(array.type));
  std::vector<char> ordered(array.bytes.size());
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t col = 0; col < cols; ++col) {
      std::copy_n(array.bytes.data() + (col * rows + row) * item, item,
                  ordered.data() + (row * cols + col) * item);
    }
  }
  array.bytes = std::move(ordered);
}

}  // namespace

int item_bytes(NpyType type) { return row_of(type).bytes; }

std::string_view to_string(NpyType type) { return row_of(type).name; }

std::optional<NpyType> find_npy_type(std::string_view descr) {
  for (const TypeRow& row : kTypes) {
    if (descr == row.descr) return row.type;
  }
  return std::nullopt;
}

NpyArray read_npy(const std::string& path) {
  NpyFile file(path);
  NpyArray array{file.type(), file.shape(), file.read(file.elements())};
  if (!file.is_c_ordered()) make_c_ordered(array);
  return array;
}

std::string npy_header(NpyType type, const Shape& shape) {
  std::string extents;
  for (const std::int64_t extent : shape) extents += std::to_string(extent) + ", ";
  if (shape.size() > 1) extents.resize(extents.size() - 2);
  const char order = item_bytes(type) == 1 ? '|' : '<';
  std::string dictionary = "{'descr': '" + std::string(1, order) + std::string(row_of(type).descr) +
                           "', 'fortran_order': False, 'shape': (" + extents + "), }";
  // Magic, version and length take 10 bytes; spaces align the data to 64.
  dictionary.append(64 - (10 + dictionary.size() + 1) % 64, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(dictionary.size() & 0xff);
  header += static_cast<char>(dictionary.size() >> 8);
  return header + dictionary;
}

}  // namespace mxsim
