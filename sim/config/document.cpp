#include "sim/config/document.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "models/core/safe_text.h"
#include "sim/import/trace_writer.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

using nlohmann::json;

constexpr const char* kCommandLine = "--set";

bool is_at_or_above(const std::string& pointer, const std::string& other) {
  return other.starts_with(pointer) &&
         (other.size() == pointer.size() || other[pointer.size()] == '/');
}

json parse_value(const std::string& value) {
  try {
    return parse_strict_json(value, kCommandLine);
  } catch (const InputError&) {
    return value;
  }
}

[[noreturn]] void fail(const std::string& pointer, const std::string& message) {
  throw InputError({{kCommandLine, pointer, message}});
}

/// `pointer`: how far the override's pointer leads.
[[noreturn]] void fail(const Override& change, const std::string& pointer,
                       const std::string& message) {
  if (change.file.empty()) fail(pointer, message);
  throw InputError({{change.file, change.place, pointer + ": " + message}});
}

/// "" or why a pointer leads nowhere that a file can reach.
std::string depth_fault(std::string_view pointer) {
  if (static_cast<std::size_t>(std::count(pointer.begin(), pointer.end(), '/')) <= kMaxJsonDepth) {
    return "";
  }
  return "leads deeper than " + std::to_string(kMaxJsonDepth) + " levels";
}

std::optional<std::size_t> array_index(const std::string& token, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (std::to_string(i) == token) return i;
  }
  return std::nullopt;
}

}  // namespace

Override parse_override(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  if (!argument.starts_with('/') || equals == std::string_view::npos) {
    throw InputError({{kCommandLine, "",
                       "got \"" + std::string(argument) + "\", expected /json/pointer=value"}});
  }
  const std::string pointer(argument.substr(0, equals));
  if (const std::string deep = depth_fault(pointer); !deep.empty()) fail(pointer, deep);
  try {
    const json::json_pointer checked(pointer);
  } catch (const json::exception&) {
    fail(pointer, "not a JSON pointer: \"~\" stands before 0 or 1 only");
  }
  return {pointer, std::string(argument.substr(equals + 1))};
}

Document::Document(json root, std::string file)
    : root_(std::make_shared<json>(std::move(root))),
      files_(std::make_shared<Files>()),
      origins_{{"", {std::move(file), ""}}} {}

Document Document::load(const std::string& path) {
  if (const std::optional<std::string> trace = foreign_trace_text(path)) {
    return parse(*trace, path);
  }
  return parse(read_text_file(path), path);
}

Document Document::parse(const std::string& text, const std::string& file) {
  return {parse_strict_json(text, file), file};
}

Document::Origin Document::origin(const std::string& pointer) const {
  std::string above = pointer;
  while (!origins_.contains(above)) above.erase(above.rfind('/'));
  const Origin& found = origins_.at(above);
  return {found.file, found.pointer + pointer.substr(above.size()), found.replaced};
}

bool Document::replaced(const std::string& pointer) const { return origin(pointer).replaced; }

bool Document::replaced_within(const std::string& pointer) const {
  return replaced(pointer) || std::any_of(origins_.begin(), origins_.end(), [&](const auto& entry) {
           return entry.second.replaced && is_at_or_above(pointer, entry.first);
         });
}

Diagnostic Document::locate(const std::string& pointer, std::string message) const {
  const Origin place = origin(pointer);
  return {place.file, place.pointer, std::move(message)};
}

std::string Document::resolve(const std::string& pointer, const std::string& name) const {
  const Origin place = origin(pointer);
  const std::filesystem::path folder =
      place.file == kCommandLine ? "" : std::filesystem::path(place.file).parent_path();
  const std::string path = (folder / name).lexically_normal().string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    throw InputError({locate(pointer, "names \"" + path + "\", which does not exist")});
  }
  return path;
}

void Document::include(const std::string& pointer) {
  const json::json_pointer where(pointer);
  if (!root_->contains(where) || !root_->at(where).is_string()) return;
  const std::string path = resolve(pointer, root_->at(where).get<std::string>());
  std::shared_ptr<json>& file = (*files_)[path];
  if (!file) file = load(path).root_;
  root_->at(where) = *file;
  origins_[pointer] = {path, ""};
}

namespace {

/// Keys of a file's /set are pointers of its writer's, so that they may be none.
std::vector<std::string> tokens_of(const Override& change) {
  std::vector<std::string> tokens;
  if (const std::string deep = depth_fault(change.pointer); !deep.empty()) {
    fail(change, "\"" + change.pointer + "\"", deep);
  }
  try {
    json::json_pointer rest(change.pointer);
    for (; !rest.empty(); rest.pop_back()) tokens.insert(tokens.begin(), rest.back());
  } catch (const json::exception&) {
    fail(change, "\"" + change.pointer + "\"", "not a JSON pointer");
  }
  return tokens;
}

}  // namespace

void Document::apply(const Override& change) {
  json* node = root_.get();
  std::string path;
  const std::vector<std::string> tokens = tokens_of(change);
  std::optional<std::string> first_new;
  for (const std::string& token : tokens) {
    path += "/" + escape_pointer_token(token);
    if (node->is_array()) {
      const auto index = array_index(token, node->size());
      if (!index)
        fail(change, path, "no such element in an array of " + std::to_string(node->size()));
      node = &node->at(*index);
    } else if (node->is_object() || node->is_null()) {
      if (!first_new && !node->contains(token)) first_new = path;
      node = &(*node)[token];
    } else {
      fail(change, path, "unknown key: the value above is " + brief_text(*node));
    }
  }
  *node = parse_value(change.value);
  if (node->is_string()) {
    const auto unsafe = unsafe_place(node->get_ref<const std::string&>());
    if (unsafe) fail(change, change.pointer, unsafe->name + " in a text");
  }
  const std::string changed = first_new.value_or(change.pointer);
  std::erase_if(origins_, [&](const auto& entry) { return is_at_or_above(changed, entry.first); });
  if (change.file.empty()) {
    origins_[changed] = {kCommandLine, changed, true};
  } else {
    origins_[changed] = {change.file, change.place, true};
    origins_[change.pointer] = {change.file, change.place, true};
  }
}

template <class Action>
bool Document::attempt(Action action) {
  try {
    action();
    return true;
  } catch (const InputError& error) {
    faults_.insert(faults_.end(), error.diagnostics().begin(), error.diagnostics().end());
    return false;
  }
}

void Document::assemble(const std::vector<std::string>& pointers,
                        const std::vector<Override>& overrides) {
  root_ = std::make_shared<json>(*root_);  // copies of this document keep theirs
  std::vector<Override> left = overrides;
  for (const std::string& pointer : pointers) {
    std::erase_if(left, [&](const Override& change) {
      const bool now = is_at_or_above(change.pointer, pointer);
      if (now) attempt([&] { apply(change); });
      return now;
    });
    if (!attempt([&] { include(pointer); })) broken_.insert(pointer);
  }
  for (const Override& change : left) attempt([&] { apply(change); });
}

}  // namespace mxsim
