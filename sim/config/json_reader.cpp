#include "sim/config/json_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "models/core/did_you_mean.h"
#include "sim/config/key_pattern.h"
#include "sim/config/range_text.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

using nlohmann::json;

/// Counts are below 2^63 and formulas multiply few numbers: no sum of products overflows.
constexpr double kLargestNumber = 1e18;

std::string in_brackets(std::string_view meaning) {
  return meaning.empty() ? "" : fmt::format(" ({})", meaning);
}

}  // namespace

JsonReader::JsonReader(const Document& document, const std::vector<Field>& fields)
    : document_(document), fields_(fields), faults_(document.faults()) {
  open(&document.root(), "", "the whole file");
}

std::vector<Diagnostic> JsonReader::finish() {
  leave();
  ensure(frames_.empty(), "a section was entered and not left");
  return std::move(faults_);
}

std::string JsonReader::pointer_to(std::string_view key) const {
  return key.empty() ? frames_.back().pointer
                     : frames_.back().pointer + "/" + escape_pointer_token(key);
}

void JsonReader::fault(std::string_view key, std::string message) {
  faults_.push_back(document_.locate(pointer_to(key), std::move(message)));
}

bool JsonReader::outdated(std::string_view key, std::string_view choice) const {
  return document_.replaced(pointer_to(choice)) && !document_.replaced_within(pointer_to(key));
}

void JsonReader::fault(const InputError& error) {
  faults_.insert(faults_.end(), error.diagnostics().begin(), error.diagnostics().end());
}

void JsonReader::report(const std::string& pointer, const json& got, const std::string& expected,
                        const Key& key) {
  faults_.push_back(document_.locate(pointer, fmt::format("got {}, expected {}{}", brief_text(got),
                                                          expected, in_brackets(key.meaning))));
}

/// The value of a key of the innermost object, or null after noting its absence.
const json* JsonReader::find(const Key& key, const std::string& expected) {
  Frame& frame = frames_.back();
  frame.declared.emplace_back(key.name);
  if (frame.value == nullptr) return nullptr;
  const auto found = frame.value->find(key.name);
  if (found != frame.value->end()) return &*found;
  if (key.presence == Presence::kRequired) {
    fault(key.name, fmt::format("missing, expected {}{}", expected, in_brackets(key.meaning)));
  }
  return nullptr;
}

bool JsonReader::integer_at(const json& value, const std::string& pointer, const Key& key,
                            IntegerRange range, std::int64_t& result) {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<std::uint64_t>() <= kMax);
  if (!fits) {
    const bool huge = value.is_number_integer();
    report(pointer, value, (huge ? "" : "an integer, ") + range_text(range), key);
    return false;
  }
  const auto number = value.get<std::int64_t>();
  if (number < range.low || number > range.high) {
    report(pointer, value, range_text(range), key);
    return false;
  }
  result = number;
  return true;
}

bool JsonReader::number_at(const json& value, const std::string& pointer, const Key& key,
                           NumberRange range, double& result) {
  if (!value.is_number()) {
    report(pointer, value, "a number, " + range_text(range), key);
    return false;
  }
  const auto number = value.get<double>();
  if (number < range.low || number > range.high) {
    report(pointer, value, range_text(range), key);
    return false;
  }
  if (std::abs(number) > kLargestNumber) {
    report(pointer, value, fmt::format("a number of at most {:g}", kLargestNumber), key);
    return false;
  }
  result = number;
  return true;
}

void JsonReader::integer_value(const Key& key, std::int64_t& member, IntegerRange range) {
  if (const json* value = find(key, range_text(range))) {
    integer_at(*value, pointer_to(key.name), key, range, member);
  }
}

void JsonReader::integer_or_word_value(const Key& key, std::string_view word,
                                       std::optional<std::int64_t>& member, IntegerRange range) {
  const json* value = find(key, fmt::format("{} or {}", range_text(range), word));
  if (value == nullptr) return;
  if (value->is_string() && value->get_ref<const std::string&>() == word) {
    member.reset();
  } else if (value->is_string()) {
    report(pointer_to(key.name), *value, fmt::format("an integer or \"{}\"", word), key);
  } else {
    std::int64_t number = 0;
    if (integer_at(*value, pointer_to(key.name), key, range, number)) member = number;
  }
}

void JsonReader::number(const Key& key, double& member, NumberRange range) {
  if (const json* value = find(key, range_text(range))) {
    number_at(*value, pointer_to(key.name), key, range, member);
  }
}

void JsonReader::text(const Key& key, std::string& member) {
  const json* value = find(key, "a text");
  if (value == nullptr) return;
  if (value->is_string() && !value->get_ref<const std::string&>().empty()) {
    member = value->get<std::string>();
  } else {
    report(pointer_to(key.name), *value, "a text", key);
  }
}

void JsonReader::one_of(const Key& key, std::string& member,
                        const std::vector<std::string>& names) {
  const std::string expected = choices_text({names.begin(), names.end()});
  const json* value = find(key, expected);
  if (value == nullptr) return;
  const std::string name = value->is_string() ? value->get<std::string>() : "";
  if (std::find(names.begin(), names.end(), name) != names.end()) {
    member = name;
  } else {
    const std::string hint = value->is_string() ? did_you_mean(name, names) : "";
    fault(key.name, fmt::format("got {}, expected {}{}{}", brief_text(*value), expected,
                                in_brackets(key.meaning), hint));
  }
}

void JsonReader::choice_index(const Key& key, std::size_t& index,
                              const std::vector<std::string_view>& names) {
  std::string name(names[index]);
  if (document_.replaced(pointer_to(key.name))) frames_.back().chosen_anew = true;
  one_of(key, name, {names.begin(), names.end()});
  index = static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

void JsonReader::flag(const Key& key, bool& member) {
  const json* value = find(key, "true or false");
  if (value == nullptr) return;
  if (value->is_boolean()) {
    member = value->get<bool>();
  } else {
    report(pointer_to(key.name), *value, "true or false", key);
  }
}

void JsonReader::file(const Key& key, std::string& member) {
  const std::size_t faults_before = faults_.size();
  std::string name;
  text(key, name);
  if (name.empty() || faults_.size() != faults_before) return;
  try {
    member = document_.resolve(pointer_to(key.name), name);
    read_text_file(member);
  } catch (const InputError& error) {
    fault(error);
  }
}

const json* JsonReader::find_array(const Key& key, IntegerRange count, const std::string& of) {
  const std::string expected = fmt::format("an array of {} {}", range_text(count), of);
  const json* value = find(key, expected);
  if (value == nullptr) return nullptr;
  const auto size = static_cast<std::int64_t>(value->size());
  if (value->is_array() && size >= count.low && size <= count.high) return value;
  report(pointer_to(key.name), *value, expected, key);
  return nullptr;
}

void JsonReader::integers(const Key& key, std::vector<std::int64_t>& member, IntegerRange each,
                          IntegerRange count) {
  const json* value = find_array(key, count, "integers");
  if (value == nullptr) return;
  member.assign(value->size(), 0);
  for (std::size_t i = 0; i < member.size(); ++i) {
    integer_at((*value)[i], fmt::format("{}/{}", pointer_to(key.name), i), key, each, member[i]);
  }
}

void JsonReader::integers_or_words(const Key& key, std::vector<std::int64_t>& member,
                                   std::vector<std::string>& words, IntegerRange each,
                                   IntegerRange count) {
  const json* value = find_array(key, count, "integers");
  if (value == nullptr) return;
  member.assign(value->size(), each.low);
  words.assign(value->size(), "");
  for (std::size_t i = 0; i < member.size(); ++i) {
    const json& given = (*value)[i];
    if (given.is_string() && !given.get_ref<const std::string&>().empty()) {
      words[i] = given.get<std::string>();
    } else {
      integer_at(given, fmt::format("{}/{}", pointer_to(key.name), i), key, each, member[i]);
    }
  }
}

void JsonReader::numbers(const Key& key, std::vector<double>& member, NumberRange each,
                         IntegerRange count) {
  const json* value = find_array(key, count, "numbers");
  if (value == nullptr) return;
  member.assign(value->size(), 0);
  for (std::size_t i = 0; i < member.size(); ++i) {
    number_at((*value)[i], fmt::format("{}/{}", pointer_to(key.name), i), key, each, member[i]);
  }
}

void JsonReader::texts(const Key& key, std::vector<std::string>& member, IntegerRange count) {
  const json* value = find_array(key, count, "texts");
  if (value == nullptr) return;
  member.assign(value->size(), "");
  for (std::size_t i = 0; i < member.size(); ++i) {
    const json& element = (*value)[i];
    if (element.is_string()) {
      member[i] = element.get<std::string>();
    } else {
      report(fmt::format("{}/{}", pointer_to(key.name), i), element, "a text", key);
    }
  }
}

void JsonReader::values(const Key& key, std::vector<std::string>& member, IntegerRange count) {
  const json* value = find_array(key, count, "values");
  if (value == nullptr) return;
  member.clear();
  for (const json& element : *value) member.push_back(element.dump());
}

void JsonReader::named_values(const Key& key, std::map<std::string, std::string>& member) {
  open(find(key, "an object"), pointer_to(key.name), std::string(key.meaning));
  frames_.back().keys = Keys::kAny;
  if (const json* object = frames_.back().value) {
    for (const auto& [name, value] : object->items()) member[name] = value.dump();
  }
  leave();
}

void JsonReader::named_integers(const Key& key,
                                std::map<std::string, std::vector<std::int64_t>>& member) {
  named_sizes(key, member, nullptr);
}

void JsonReader::named_integers_or_words(const Key& key,
                                         std::map<std::string, std::vector<std::int64_t>>& member,
                                         std::map<std::string, std::string>& words) {
  named_sizes(key, member, &words);
}

void JsonReader::named_sizes(const Key& key,
                             std::map<std::string, std::vector<std::int64_t>>& member,
                             std::map<std::string, std::string>* words) {
  constexpr std::size_t kLongestList = 8;
  const json none = json::object();
  open(find(key, "an object"), pointer_to(key.name), std::string(key.meaning));
  frames_.back().keys = Keys::kAny;
  const json& object = frames_.back().value == nullptr ? none : *frames_.back().value;
  for (const auto& [name, given] : object.items()) {
    if (words != nullptr && given.is_string() && !given.get_ref<const std::string&>().empty()) {
      (*words)[name] = given.get<std::string>();
      continue;
    }
    std::vector<std::int64_t>& numbers = member[name];
    const std::string pointer = pointer_to(name);
    if (given.is_boolean()) {
      numbers = {given.get<bool>()};
    } else if (given.is_array() && !given.empty() && given.size() <= kLongestList) {
      numbers.resize(given.size());
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        integer_at(given[i], fmt::format("{}/{}", pointer, i), {}, {INT64_MIN}, numbers[i]);
      }
    } else {
      numbers.resize(1);
      integer_at(given, pointer, {}, {INT64_MIN}, numbers[0]);
    }
  }
  leave();
}

void JsonReader::open(const json* value, std::string pointer, const std::string& meaning) {
  std::optional<std::size_t> fault;
  if (value != nullptr && !value->is_object()) {
    fault = faults_.size();
    faults_.push_back(document_.locate(
        pointer,
        fmt::format("got {}, expected an object{}", brief_text(*value), in_brackets(meaning))));
    value = nullptr;
  }
  frames_.push_back({value, std::move(pointer), Keys::kDeclared, {}, false, fault});
}

void JsonReader::enter(const Key& key, Nesting nesting) {
  const std::string pointer = pointer_to(key.name);
  const json* value =
      find(key, nesting == Nesting::kReference ? "an object or the name of a file" : "an object");
  if (document_.broken(pointer)) value = nullptr;
  open(value, pointer, std::string(key.meaning));
}

/// "; its keys: a, b", if they are few.
std::string JsonReader::keys_text(const Frame& frame) {
  constexpr std::size_t kFew = 6;
  const bool shown = frame.keys == Keys::kDeclared && frame.declared.size() <= kFew;
  return shown ? fmt::format("; its keys: {}", fmt::join(frame.declared, ", ")) : "";
}

void JsonReader::leave() {
  const Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.fault) faults_[*frame.fault].message += keys_text(frame);
  if (frame.value == nullptr || frame.keys == Keys::kAny) return;
  for (const auto& [name, value] : frame.value->items()) {
    if (std::find(frame.declared.begin(), frame.declared.end(), name) != frame.declared.end()) {
      continue;
    }
    const std::string pointer = frame.pointer + "/" + escape_pointer_token(name);
    const bool of_other_choice =
        frame.chosen_anew && !document_.replaced_within(pointer) && is_declared(pointer, fields_);
    if (of_other_choice) continue;
    faults_.push_back(
        document_.locate(pointer, "unknown key" + did_you_mean(name, frame.declared)));
  }
}

Binder::ListVisit JsonReader::enter_list(const Key& key, std::size_t size, IntegerRange count) {
  const std::string pointer = pointer_to(key.name);
  const json* value = find_array(key, count, "objects");
  frames_.push_back({value, pointer, Keys::kAny, {}, false, {}});
  if (value == nullptr) return {Elements::kHeld, size};
  return {Elements::kNew, value->size()};
}

void JsonReader::enter_element(std::size_t index) {
  const Frame& list = frames_.back();
  const json* value = list.value == nullptr ? nullptr : &(*list.value)[index];
  open(value, fmt::format("{}/{}", list.pointer, index), "");
}

Binder::MapVisit JsonReader::enter_map(const Key& key, std::vector<std::string> names) {
  const std::string pointer = pointer_to(key.name);
  open(find(key, "an object"), pointer, std::string(key.meaning));
  Frame& map = frames_.back();
  map.keys = Keys::kAny;
  if (map.value == nullptr) return {Elements::kHeld, std::move(names)};
  names.clear();
  for (const auto& [name, entry] : map.value->items()) names.push_back(name);
  return {Elements::kNew, std::move(names)};
}

void JsonReader::enter_entry(const std::string& name) {
  const Frame& map = frames_.back();
  const json* value = map.value == nullptr ? nullptr : &(*map.value)[name];
  open(value, map.pointer + "/" + escape_pointer_token(name), "");
}

}  // namespace mxsim
