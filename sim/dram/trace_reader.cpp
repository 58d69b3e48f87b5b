#include "sim/dram/trace_reader.h"

#include <algorithm>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_stream.hpp>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

#include "models/core/error.h"

namespace mxsim {
namespace {

constexpr std::size_t kLongestLine = 200;
constexpr std::size_t kBlockBytes = 1 << 16;
constexpr std::size_t kMostFaults = 20;

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// The next word of `line`, which loses it.
std::string_view take_word(std::string_view& line) {
  std::size_t begin = 0;
  while (begin < line.size() && is_blank(line[begin])) ++begin;
  std::size_t end = begin;
  while (end < line.size() && !is_blank(line[end])) ++end;
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return word;
}

/// Beyond the limits of every trace.
constexpr std::int64_t kMost = std::int64_t{1} << 60;

/// At most kMost.
std::optional<std::int64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (parsed.ptr != text.data() + text.size() || parsed.ec == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (parsed.ec != std::errc() || value > static_cast<std::uint64_t>(kMost)) return kMost;
  return static_cast<std::int64_t>(value);
}

std::optional<TraceRequest> parse(std::string_view line) {
  std::string_view address = take_word(line);
  const std::string_view access = take_word(line);
  const std::string_view cycle = take_word(line);
  if (!take_word(line).empty()) return std::nullopt;
  if (!address.starts_with("0x") && !address.starts_with("0X")) return std::nullopt;
  address.remove_prefix(2);
  const auto where = number(address, 16);
  const auto when = number(cycle, 10);
  const bool read = access == "READ";
  if (!where || !when || (!read && access != "WRITE")) return std::nullopt;
  return TraceRequest{*where, read ? DramAccess::kRead : DramAccess::kWrite, *when};
}

class Reader {
 public:
  Reader(const std::string& path, const TraceLimits& limits,
         const std::function<void(const TraceRequest&)>& use)
      : path_(path), limits_(limits), use_(use) {}

  void run() {
    std::error_code error;
    const auto status = std::filesystem::status(path_, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
      throw InputError({{path_, "", "is not a regular file"}});
    }
    std::ifstream file(path_, std::ios::binary);
    if (!file) throw InputError({{path_, "", "cannot be opened"}});
    const bool zipped = file.get() == 0x1f && file.get() == 0x8b;
    file.clear();
    file.seekg(0);
    boost::iostreams::filtering_istream stream;
    if (zipped) stream.push(boost::iostreams::gzip_decompressor());
    stream.push(file, kBlockBytes);
    try {
      read_lines(stream);
      if (stream.bad() || file.bad()) faults_.push_back({path_, "", "cannot be read"});
    } catch (const boost::iostreams::gzip_error&) {
      fault("is followed by damaged gzip data");
    }
    if (!faults_.empty()) throw InputError(std::move(faults_));
  }

 private:
  void read_lines(std::istream& stream) {
    std::string buffer(kBlockBytes, '\0');
    std::size_t held = 0;  // bytes of a line that began in the block before
    while (faults_.size() < kMostFaults && stream) {
      stream.read(buffer.data() + held, static_cast<std::streamsize>(buffer.size() - held));
      const std::size_t size = held + static_cast<std::size_t>(stream.gcount());
      held = take_lines(std::string_view(buffer).substr(0, size), stream.eof());
      std::copy(buffer.begin() + static_cast<std::ptrdiff_t>(size - held),
                buffer.begin() + static_cast<std::ptrdiff_t>(size), buffer.begin());
      if (held < buffer.size()) continue;
      ++line_;
      return fault("more than " + std::to_string(kBlockBytes) + " bytes");
    }
  }

  /// The number of bytes after the last whole line.
  std::size_t take_lines(std::string_view text, bool last) {
    while (!text.empty() && faults_.size() < kMostFaults) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos && !last) break;
      take(text.substr(0, end));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return text.size();
  }

  void take(std::string_view line) {
    ++line_;
    std::string_view rest = line.substr(0, kLongestLine);
    const std::string_view word = take_word(rest);
    if (word.starts_with('#') || (word.empty() && line.size() <= kLongestLine)) return;
    const auto request = line.size() > kLongestLine ? std::nullopt : parse(line);
    if (!request) return fault("expected 0xADDRESS READ|WRITE CYCLE");
    if (request->cycle < last_cycle_) {
      return fault("goes back in time, after cycle " + std::to_string(last_cycle_));
    }
    if (request->byte_address >= limits_.capacity_bytes) {
      return fault("lies beyond the device's " + std::to_string(limits_.capacity_bytes) + " bytes");
    }
    if (request->cycle > limits_.last_cycle) {
      return fault("cycle exceeds " + std::to_string(limits_.last_cycle) + limits_.reason);
    }
    last_cycle_ = request->cycle;
    if (faults_.empty()) use_(*request);
  }

  void fault(const std::string& what) {
    faults_.push_back({path_, "", "line " + std::to_string(line_) + ": " + what});
  }

  const std::string& path_;
  const TraceLimits& limits_;
  const std::function<void(const TraceRequest&)>& use_;
  std::vector<Diagnostic> faults_;
  std::int64_t line_ = 0;
  std::int64_t last_cycle_ = 0;
};

}  // namespace

void read_trace(const std::string& path, const TraceLimits& limits,
                const std::function<void(const TraceRequest&)>& use) {
  Reader(path, limits, use).run();
}

}  // namespace mxsim
