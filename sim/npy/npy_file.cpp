#include "sim/npy/npy_file.h"

#include <algorithm>
#include <bit>
#include <filesystem>
#include <optional>
#include <string_view>

#include "models/core/error.h"
#include "sim/npy/npy_header.h"

namespace mxsim {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw InputError({{path, "", message}});
}

NpyType type_of(const std::string& path, const std::string& descr) {
  const bool has_order =
      !descr.empty() && std::string_view("<>|=").find(descr.front()) != std::string_view::npos;
  const auto type = has_order ? find_npy_type(descr.substr(1)) : std::nullopt;
  if (type) return *type;
  fail(path,
       "elements of type \"" + descr +
           "\" are not supported: bfloat16, float16, float32, float64, uint8, uint16 or uint32");
}

}  // namespace

NpyFile::NpyFile(const std::string& path) : path_(path) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) fail(path, "no such file");
  if (!std::filesystem::is_regular_file(path, error)) fail(path, "not a regular file");
  left_ = std::filesystem::file_size(path, error);
  in_.open(path, std::ios::binary);
  if (error || !in_) fail(path, "cannot be read");
  const std::string text = header_text();
  NpyHeader header;
  try {
    header = parse_npy_header(text);
  } catch (const InputError& fault) {
    fail(path, fault.what());
  }
  type_ = type_of(path, header.descr);
  is_swapped_ = header.descr.front() == '>';
  is_c_ordered_ = !header.fortran_order || header.shape.size() < 2;
  shape_ = header.shape;
  check_size();
}

std::int64_t NpyFile::elements() const { return mxsim::elements(shape_); }

void NpyFile::check_size() {
  if (shape_.empty()) fail(path_, "a 0-dimensional array: expected rows and columns");
  const auto count = checked_elements(shape_);
  const auto size = count ? checked_mul(*count, item_bytes(type_)) : std::nullopt;
  if (count == 0) fail(path_, "an array without elements");
  if (!size || static_cast<std::uint64_t>(*size) > left_) fail(path_, "truncated");
  if (static_cast<std::uint64_t>(*size) < left_) fail(path_, "bytes after the last element");
  if (!is_c_ordered_ && shape_.size() > 2) {
    fail(path_, "Fortran order is supported up to two dimensions: save it in C order");
  }
}

std::vector<char> NpyFile::take(std::size_t count) {
  if (count > left_) fail(path_, "truncated");
  std::vector<char> bytes(count);
  in_.read(bytes.data(), static_cast<std::streamsize>(count));
  if (!in_) fail(path_, "cannot be read");
  left_ -= count;
  return bytes;
}

std::vector<char> NpyFile::read(std::int64_t count) {
  const int item = item_bytes(type_);
  const std::int64_t size = exact_mul(count, item);
  if (size > kMostBytesAtOnce) {
    fail(path_, "needs " + std::to_string(size) + " bytes in memory at once, expected at most " +
                    std::to_string(kMostBytesAtOnce));
  }
  std::vector<char> bytes = take(static_cast<std::size_t>(size));
  if (!is_swapped_) return bytes;
  for (auto at = bytes.begin(); at != bytes.end(); at += item) std::reverse(at, at + item);
  return bytes;
}

std::string NpyFile::header_text() {
  constexpr std::string_view kMagic = "\x93NUMPY";
  constexpr std::string_view kZipMagic = "PK\x03\x04";
  constexpr std::size_t kLongestHeader = 64 * 1024;
  if (left_ < kMagic.size() + 2) fail(path_, "not a .npy file: too short");
  const std::vector<char> start = take(kMagic.size() + 2);
  if (std::equal(kZipMagic.begin(), kZipMagic.end(), start.begin())) {
    fail(path_, "an .npz archive: unpack it and name one of its .npy files");
  }
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
  return {text.begin(), text.end()};
}

}  // namespace mxsim
