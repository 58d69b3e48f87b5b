#include "sim/json/strict_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "models/core/error.h"
#include "models/core/safe_text.h"

namespace mxsim {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxFaultsReported = 20;

[[noreturn]] void fail(const std::string& file, const std::string& message) {
  throw InputError({{file, "", message}});
}

/// "line 3, column 7" of the byte before `position`.
std::string line_and_column(const std::string& text, std::size_t position) {
  const std::size_t at = std::min(position == 0 ? 0 : position - 1, text.size());
  const auto end = text.begin() + static_cast<std::ptrdiff_t>(at);
  const auto line = 1 + std::count(text.begin(), end, '\n');
  const std::size_t newline = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  const std::size_t column = newline == std::string::npos ? at + 1 : at - newline;
  return fmt::format("line {}, column {}", line, column);
}

/// Refuses bytes that are no UTF-8, and characters outside texts that the library would take for
/// the end of the file (NUL). Those within texts are told with their pointer, by StrictBuilder.
void require_whole_text(const std::string& text, const std::string& file) {
  std::string_view rest = text;
  while (const std::optional<UnsafePlace> place = unsafe_place(rest)) {
    const std::size_t at = text.size() - rest.size() + place->offset;
    if (place->name == kNotUtf8 || text[at] == '\0') {
      fail(file, place->name + " at " + line_and_column(text, at + 1));
    }
    rest.remove_prefix(place->offset + place->bytes);
  }
}

/// The reason alone: without the library's prefix, position and a long quotation of the input.
std::string reason(std::string message) {
  if (const auto at = message.find("syntax error"); at != std::string::npos) {
    message.erase(0, at);
  } else if (const auto close = message.find("] "); close != std::string::npos) {
    message.erase(0, close + 2);
  }
  const auto quote = message.find("; last read: ");
  const auto expected = message.find("; expected", quote == std::string::npos ? 0 : quote);
  if (quote != std::string::npos) {
    constexpr std::size_t kLongestQuotation = 48;
    const std::size_t end = expected == std::string::npos ? message.size() : expected;
    if (end - quote > kLongestQuotation) message.erase(quote, end - quote);
  } else if (message.size() > 200) {
    message = "number overflow";
  }
  return message;
}

/// Builds the value while it refuses what the library would accept in silence.
class StrictBuilder : public nlohmann::json_sax<json> {
 public:
  StrictBuilder(const std::string& text, std::string file) : text_(text), file_(std::move(file)) {}

  json take() {
    if (!faults_.empty()) throw InputError(faults_);
    return std::move(root_);
  }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override {
    require_safe(value, open_.empty() ? "" : "/" + step());
    return add(std::move(value)) && faults_.size() < kMaxFaultsReported;
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    key_ = name;
    require_safe(name, "/" + step());
    if (open_.back()->contains(name)) {
      faults_.push_back({file_, pointer() + "/" + step(), "duplicate key"});
    }
    return faults_.size() < kMaxFaultsReported;
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    faults_.push_back({file_, "", line_and_column(text_, position) + ": " + reason(error.what())});
    return false;
  }

 private:
  bool add(json value) {
    place(std::move(value));
    return true;
  }

  json* place(json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    if (open_.back()->is_array()) {
      open_.back()->push_back(std::move(value));
      return &open_.back()->back();
    }
    json& slot = (*open_.back())[key_];
    slot = std::move(value);
    return &slot;
  }

  bool open(json container) {
    if (open_.size() == kMaxJsonDepth) {
      faults_.push_back({file_, "", fmt::format("nested deeper than {} levels", kMaxJsonDepth)});
      return false;
    }
    if (!open_.empty()) path_.push_back(step());
    open_.push_back(place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    if (!path_.empty()) path_.pop_back();
    return true;
  }

  void require_safe(const std::string& text, const std::string& place) {
    if (const std::optional<UnsafePlace> unsafe = unsafe_place(text)) {
      faults_.push_back({file_, pointer() + place, unsafe->name + " in a text"});
    }
  }

  std::string step() const {
    return open_.back()->is_array() ? std::to_string(open_.back()->size())
                                    : escape_pointer_token(key_);
  }

  std::string pointer() const {
    std::string joined;
    for (const std::string& token : path_) joined += "/" + token;
    return joined;
  }

  const std::string& text_;
  std::string file_;
  json root_;
  std::vector<json*> open_;  ///< addresses stay: a container grows only while it is the innermost
  std::vector<std::string> path_;
  std::string key_;
  std::vector<Diagnostic> faults_;
};

}  // namespace

std::string read_text_file(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) fail(path, "no such file");
  if (error) fail(path, error.message());
  if (status.type() == fs::file_type::directory) fail(path, "is a folder, expected a file");
  if (status.type() != fs::file_type::regular) fail(path, "is not a regular file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) fail(path, error.message());
  if (size > kMaxFileBytes) {
    fail(path, fmt::format("{} bytes, expected at most {}", size, kMaxFileBytes));
  }
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path, "cannot be opened");
  std::string text(size, '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (static_cast<std::uintmax_t>(in.gcount()) != size) fail(path, "cannot be read in full");
  return text;
}

json parse_strict_json(const std::string& text, const std::string& file) {
  require_whole_text(text, file);
  StrictBuilder builder(text, file);
  json::sax_parse(text, &builder);
  return builder.take();
}

std::string escape_pointer_token(std::string_view token) {
  std::string escaped;
  for (const char c : token) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string brief_text(const json& value) {
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("an array of {}", value.size());
  constexpr std::size_t kLongest = 40;
  const std::string text = value.dump(-1, ' ', true);
  return text.size() <= kLongest ? text : text.substr(0, kLongest) + "...";
}

}  // namespace mxsim
