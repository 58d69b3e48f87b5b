#include "sim/npy/npz_file.h"

#include <zip.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <utility>

#include "models/core/error.h"
#include "sim/npy/npy_header.h"
#include "sim/npy/unpacked_size.h"
#include "sim/output/output_file.h"

namespace mxsim {
namespace {

constexpr std::string_view kSuffix = ".npy";

[[noreturn]] void fail(const std::string& path, const std::string& message) {
  throw InputError({{path, "", message}});
}

using Archive = std::unique_ptr<zip_t, decltype(&zip_discard)>;

std::string error_text(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

/// What a directory says of the members is believed only as far as the file's own size bears it.
class MemberReader {
 public:
  MemberReader(zip_t* archive, std::string path, std::uint64_t file_bytes)
      : archive_(archive),
        path_(std::move(path)),
        stored_left_(file_bytes),
        unpacked_left_(most_unpacked(file_bytes)) {}

  std::vector<char> read(zip_uint64_t index) {
    zip_stat_t stat;
    const zip_uint64_t wanted = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (zip_stat_index(archive_, index, 0, &stat) != 0 || (stat.valid & wanted) != wanted ||
        stat.comp_size > stored_left_) {
      fail(path_, "not a whole .npz archive");
    }
    if (stat.size > unpacked_left_) {
      fail(path_, "its arrays are larger than 64 times the file and 256 MiB");
    }
    stored_left_ -= stat.comp_size;
    unpacked_left_ -= stat.size;
    return bytes_of(index, stat.size);
  }

 private:
  /// Memory grows with the bytes that are there, not with the size that the directory states.
  std::vector<char> bytes_of(zip_uint64_t index, std::uint64_t size) const {
    constexpr std::uint64_t kPiece = std::uint64_t{1} << 20;
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
        zip_fopen_index(archive_, index, 0), &zip_fclose);
    if (!file) fail(path_, "not a whole .npz archive");
    std::vector<char> bytes;
    while (bytes.size() < size) {
      const std::size_t held = bytes.size();
      bytes.resize(held + static_cast<std::size_t>(std::min(kPiece, size - held)));
      const zip_int64_t got = zip_fread(file.get(), bytes.data() + held,
                                        static_cast<zip_uint64_t>(bytes.size() - held));
      if (got != static_cast<zip_int64_t>(bytes.size() - held)) {
        fail(path_, "not a whole .npz archive");
      }
    }
    return bytes;
  }

  zip_t* archive_;
  std::string path_;
  std::uint64_t stored_left_;  ///< members do not share bytes of the file
  std::uint64_t unpacked_left_;
};

/// Version 1 headers, little-endian, C order: as this program and NumPy write them.
NpyArray parse_array(std::vector<char> bytes, const std::string& where) {
  constexpr std::string_view kMagic = "\x93NUMPY\x01";
  constexpr std::size_t kBegin = 10;
  if (bytes.size() < kBegin || std::string_view(bytes.data(), kMagic.size()) != kMagic) {
    fail(where, "not a .npy array of version 1");
  }
  const std::size_t length = static_cast<unsigned char>(bytes[8]) +
                             std::size_t{static_cast<unsigned char>(bytes[9])} * 256;
  if (bytes.size() < kBegin + length) fail(where, "truncated");
  NpyHeader header;
  try {
    header = parse_npy_header({bytes.data() + kBegin, length});
  } catch (const InputError& fault) {
    fail(where, fault.what());
  }
  const bool little = header.descr.starts_with('<') || header.descr.starts_with('|');
  const auto type = little ? find_npy_type(std::string_view(header.descr).substr(1)) : std::nullopt;
  if (!type || (header.fortran_order && header.shape.size() > 1)) {
    fail(where, "elements of type \"" + header.descr + "\" or Fortran order are not supported");
  }
  const auto count = checked_elements(header.shape);
  const auto size = count ? checked_mul(*count, item_bytes(*type)) : std::nullopt;
  bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(kBegin + length));
  if (!size || static_cast<std::uint64_t>(*size) != bytes.size()) {
    fail(where, "truncated, or bytes after the last element");
  }
  return {*type, header.shape, std::move(bytes)};
}

}  // namespace

NpzArrays read_npz(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) fail(path, "no such file");
  const std::uint64_t file_bytes = std::filesystem::file_size(path, error);
  if (error) fail(path, "cannot be read");
  int code = 0;
  const Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &code), &zip_discard);
  if (!archive) fail(path, "not a .npz archive: " + error_text(code));
  NpzArrays arrays;
  MemberReader members(archive.get(), path, file_bytes);
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    const char* const raw = zip_get_name(archive.get(), i, 0);
    std::string name = raw == nullptr ? "" : raw;
    if (!name.ends_with(kSuffix)) fail(path, "\"" + name + "\" is no .npy array");
    name.resize(name.size() - kSuffix.size());
    if (arrays.contains(name)) fail(path, "\"" + name + "\" stands twice");
    arrays[name] = parse_array(members.read(i), path + ": " + name);
  }
  return arrays;
}

std::string npz_bytes(const std::string& path, const NpzArrays& arrays) {
  std::vector<std::string> members;  // live until the archive is closed
  members.reserve(arrays.size());
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const sink = zip_source_buffer_create(nullptr, 0, 0, &error);
  if (sink == nullptr) throw std::runtime_error("no memory for " + path);
  zip_source_keep(sink);
  Archive archive(zip_open_from_source(sink, ZIP_TRUNCATE, &error), &zip_discard);
  if (!archive) throw std::runtime_error("cannot make " + path);
  for (const auto& [name, array] : arrays) {
    std::string& member = members.emplace_back(npy_header(array.type, array.shape));
    member.append(array.bytes.data(), array.bytes.size());
    zip_source_t* const source = zip_source_buffer(archive.get(), member.data(), member.size(), 0);
    const zip_int64_t index = zip_file_add(archive.get(), (name + std::string(kSuffix)).c_str(),
                                           source, ZIP_FL_ENC_UTF_8);
    if (index < 0) throw std::runtime_error("cannot make " + path);
    const auto at = static_cast<zip_uint64_t>(index);
    zip_set_file_compression(archive.get(), at, ZIP_CM_STORE, 0);
    zip_file_set_dostime(archive.get(), at, 0, (1 << 5) | 1, 0);  // 1980-01-01: the same bytes
  }
  if (zip_close(archive.release()) != 0) throw std::runtime_error("cannot make " + path);
  zip_stat_t stat;
  std::string content;
  if (zip_source_stat(sink, &stat) == 0 && zip_source_open(sink) == 0) {
    content.resize(stat.size);
    zip_source_read(sink, content.data(), stat.size);
    zip_source_close(sink);
  }
  zip_source_free(sink);
  return content;
}

void write_npz(const std::string& path, const NpzArrays& arrays) {
  write_file(path, npz_bytes(path, arrays));
}

}  // namespace mxsim
