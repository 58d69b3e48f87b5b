#include "sim/mappings/mapping_cache.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "models/core/error.h"
#include "models/core/rng.h"
#include "sim/mappings/mapping_bytes.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMagic = "mxsim mapping 1\n";
/// Some 4 kB each.
constexpr std::size_t kMostRecent = 8192;

void add_text(std::string& to, std::string_view text) {
  const std::uint64_t size = text.size();
  to.append(reinterpret_cast<const char*>(&size), sizeof size);
  to += text;
}

std::string number_bytes(std::uint64_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

/// The text at the front of `rest`, which loses it; nothing where it is cut off.
std::optional<std::string_view> take_text(std::string_view& rest) {
  std::uint64_t size = 0;
  if (rest.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, rest.data(), sizeof size);
  rest.remove_prefix(sizeof size);
  if (rest.size() < size) return std::nullopt;
  const std::string_view text = rest.substr(0, size);
  rest.remove_prefix(size);
  return text;
}

std::string file_text(std::string_view program, std::string_view search, std::string_view mapping) {
  std::string text(kMagic);
  add_text(text, program);
  add_text(text, search);
  add_text(text, mapping);
  return text + number_bytes(stable_hash(text));
}

struct Entry {
  std::string_view program;
  std::string_view search;
  std::string_view mapping;
};

/// Nothing of a damaged file.
std::optional<Entry> entry_of(std::string_view text) {
  constexpr std::size_t kSum = sizeof(std::uint64_t);
  if (text.size() < kMagic.size() + kSum || !text.starts_with(kMagic)) return std::nullopt;
  const std::string_view sum = text.substr(text.size() - kSum);
  text.remove_suffix(kSum);
  if (sum != number_bytes(stable_hash(text))) return std::nullopt;
  text.remove_prefix(kMagic.size());
  const auto program = take_text(text);
  const auto search = program ? take_text(text) : std::nullopt;
  const auto mapping = search ? take_text(text) : std::nullopt;
  if (!mapping || !text.empty()) return std::nullopt;
  return Entry{*program, *search, *mapping};
}

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// The file appears at once or not at all.
bool write_whole(const std::string& path, const std::string& temporary, const std::string& text) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  std::ofstream file(temporary, std::ios::binary);
  file << text;
  file.close();
  if (file) fs::rename(temporary, path, error);
  const bool done = file && !error;
  if (!done) fs::remove(temporary, error);
  return done;
}

}  // namespace

MappingCache::MappingCache(std::string folder, std::string program, Warning warn)
    : folder_(std::move(folder)),
      program_(std::move(program)),
      warn_(std::move(warn)),
      writable_(!folder_.empty()) {
  if (folder_.empty()) return;
  std::error_code error;
  fs::create_directories(folder_, error);
  if (!error && access(folder_.c_str(), W_OK | X_OK) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) throw InputError({{folder_, "", "cannot be written: " + error.message()}});
}

std::string MappingCache::path_of(const std::string& search) const {
  const std::string name = fmt::format("{:016x}", stable_hash(search, stable_hash(program_)));
  return fmt::format("{}/{}/{}", folder_, name.substr(0, 2), name.substr(2));
}

std::optional<GemmMapping> MappingCache::find(const MapperChip& chip, const SearchKey& key) {
  const std::string search = search_bytes(chip, key);
  const auto known = recent_.find(search);
  if (known != recent_.end()) {
    ++found_;
    return known->second;
  }
  const std::optional<GemmMapping> stored = folder_.empty() ? std::nullopt : read(search);
  ++(stored ? found_ : missed_);
  if (stored) remember(search, *stored);
  return stored;
}

void MappingCache::keep(const MapperChip& chip, const SearchKey& key, const GemmMapping& mapping) {
  const std::string search = search_bytes(chip, key);
  remember(search, mapping);
  if (writable_) write(search, mapping);
}

void MappingCache::remember(const std::string& search, const GemmMapping& mapping) {
  if (recent_.size() >= kMostRecent) recent_.clear();
  recent_.emplace(search, mapping);
}

std::optional<GemmMapping> MappingCache::read(const std::string& search) {
  const std::string path = path_of(search);
  const std::optional<std::string> text = content_of(path);
  if (!text) return std::nullopt;
  const std::optional<Entry> entry = entry_of(*text);
  if (entry && (entry->program != program_ || entry->search != search)) return std::nullopt;
  const auto mapping = entry ? mapping_of(std::string(entry->mapping)) : std::nullopt;
  if (!mapping) warn_(path + ": damaged: the mapping is searched again");
  return mapping;
}

void MappingCache::write(const std::string& search, const GemmMapping& mapping) {
  const std::string path = path_of(search);
  const std::string temporary = fmt::format("{}.{}-{}.tmp", path, getpid(), written_++);
  if (write_whole(path, temporary, file_text(program_, search, mapping_bytes(mapping)))) return;
  writable_ = false;
  warn_(folder_ + ": no more mappings can be written");
}

}  // namespace mxsim
