#include "sim/npy/npy_array.h"

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <fstream>
#include <optional>

#include "models/core/error.h"
#include "sim/npy/npy_header.h"

namespace mxsim {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

struct TypeRow {
  NpyType type;
  std::string_view name;
  std::string_view descr;
  int bytes;
};

constexpr std::array<TypeRow, 6> kTypes{{{NpyType::kFloat16, "float16", "f2", 2},
                                         {NpyType::kFloat32, "float32", "f4", 4},
                                         {NpyType::kFloat64, "float64", "f8", 8},
                                         {NpyType::kUint8, "uint8", "u1", 1},
                                         {NpyType::kUint16, "uint16", "u2", 2},
                                         {NpyType::kUint32, "uint32", "u4", 4}}};

const TypeRow& row_of(NpyType type) { return kTypes[static_cast<std::size_t>(type)]; }

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw InputError({{path, "", message}});
}

const TypeRow& type_of(const std::string& path, const std::string& descr) {
  for (const TypeRow& row : kTypes) {
    const bool has_order =
        !descr.empty() && std::string_view("<>|=").find(descr.front()) != std::string_view::npos;
    if (has_order && descr.substr(1) == row.descr) return row;
  }
  fail(path, "elements of type \"" + descr +
                 "\" are not supported: float16, float32, float64, uint8, uint16 or uint32");
}

class Reader {
 public:
  explicit Reader(const std::string& path) : path_(path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) fail(path, "no such file");
    if (!std::filesystem::is_regular_file(path, error)) fail(path, "not a regular file");
    left_ = std::filesystem::file_size(path, error);
    in_.open(path, std::ios::binary);
    if (error || !in_) fail(path, "cannot be read");
  }

  NpyArray read() {
    const NpyHeader header = read_header();
    const TypeRow& type = type_of(path_, header.descr);
    if (header.shape.empty()) fail(path_, "a 0-dimensional array: expected rows and columns");
    const auto count = checked_elements(header.shape);
    const auto size = count ? checked_mul(*count, type.bytes) : std::nullopt;
    if (count == 0) fail(path_, "an array without elements");
    if (!size || static_cast<std::uint64_t>(*size) > left_) fail(path_, "truncated");
    if (static_cast<std::uint64_t>(*size) < left_) fail(path_, "bytes after the last element");
    if (header.fortran_order && header.shape.size() > 2) {
      fail(path_, "Fortran order is supported up to two dimensions: save it in C order");
    }
    NpyArray array{type.type, header.shape, take(static_cast<std::size_t>(*size))};
    if (header.descr.front() == '>') swap_bytes(array.bytes, type.bytes);
    if (header.fortran_order && header.shape.size() == 2) make_c_ordered(array);
    return array;
  }

 private:
  std::vector<char> take(std::size_t count) {
    if (count > left_) fail(path_, "truncated");
    std::vector<char> bytes(count);
    in_.read(bytes.data(), static_cast<std::streamsize>(count));
    if (!in_) fail(path_, "cannot be read");
    left_ -= count;
    return bytes;
  }

  NpyHeader read_header() {
    constexpr std::string_view kMagic = "\x93NUMPY";
    constexpr std::size_t kLongestHeader = 64 * 1024;
    if (left_ < kMagic.size() + 2) fail(path_, "not a .npy file: too short");
    const std::vector<char> start = take(kMagic.size() + 2);
    if (!std::equal(kMagic.begin(), kMagic.end(), start.begin())) {
      fail(path_, "not a .npy file: wrong magic bytes");
    }
    const int version = start[kMagic.size()];
    if (version < 1 || version > 3) fail(path_, "unknown .npy format version");
    std::size_t length = 0;
    const std::vector<char> field = take(version == 1 ? 2 : 4);
    for (std::size_t i = 0; i < field.size(); ++i) {
      length |= std::size_t{static_cast<unsigned char>(field[i])} << (8 * i);
    }
    if (length > kLongestHeader) fail(path_, "the header is longer than 64 KiB");
    const std::vector<char> text = take(length);
    try {
      return parse_npy_header({text.data(), text.size()});
    } catch (const InputError& error) {
      fail(path_, error.what());
    }
  }

  static void swap_bytes(std::vector<char>& bytes, int item) {
    for (auto at = bytes.begin(); at != bytes.end(); at += item) std::reverse(at, at + item);
  }

  static void make_c_ordered(NpyArray& array) {
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

  std::string path_;
  std::ifstream in_;
  std::uint64_t left_ = 0;
};

}  // namespace

int item_bytes(NpyType type) { return row_of(type).bytes; }

std::string_view to_string(NpyType type) { return row_of(type).name; }

NpyArray read_npy(const std::string& path) { return Reader(path).read(); }

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
