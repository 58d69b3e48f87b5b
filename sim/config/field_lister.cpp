#include "sim/config/field_lister.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/config/range_text.h"
#include "sim/json/strict_json.h"

namespace mxsim {
namespace {

using nlohmann::json;

constexpr auto kTypeNames = std::to_array<std::string_view>(
    {"integer", "integer or word", "number", "text", "choice", "true or false", "file",
     "array of integers", "array of integers or words", "array of numbers", "array of texts",
     "object", "object or file", "array of objects", "object of named objects",
     "object of named integers", "object of named integers or words", "array of any values",
     "object of any values"});

template <class T>
std::string array_text(const std::vector<T>& values) {
  return values.empty() ? "" : fmt::format("[{}]", fmt::join(values, ", "));
}

bool has_range(IntegerRange range) {
  const IntegerRange all;
  return range.low != all.low || range.high != all.high;
}

}  // namespace

std::string type_text(const Field& field) {
  return std::string(kTypeNames.at(static_cast<std::size_t>(field.kind)));
}

std::string range_text(const Field& field) {
  const std::string count =
      has_range(field.count) ? fmt::format("{} of ", range_text(field.count)) : "";
  switch (field.kind) {
    case FieldKind::kInteger:
      return range_text(field.integer_range);
    case FieldKind::kIntegerOrWord:
      return fmt::format("{} or {}", range_text(field.integer_range), field.choices.front());
    case FieldKind::kNumber:
      return range_text(field.number_range);
    case FieldKind::kIntegers:
    case FieldKind::kIntegersOrWords:
      return count + range_text(field.integer_range);
    case FieldKind::kNumbers:
      return count + range_text(field.number_range);
    case FieldKind::kChoice:
      return fmt::format("{}", fmt::join(field.choices, ", "));
    case FieldKind::kTexts:
    case FieldKind::kValues:
    case FieldKind::kList:
      return has_range(field.count) ? range_text(field.count) : "";
    default:
      return "";
  }
}

std::string FieldLister::pointer_to(std::string_view name) const {
  std::string pointer;
  for (const std::string& token : path_) (pointer += '/') += token;
  return (pointer += '/') += escape_pointer_token(name);
}

Field& FieldLister::add(const Key& key, FieldKind kind, std::string value) {
  Field field;
  field.pointer = pointer_to(key.name);
  field.kind = kind;
  if (mode_ == Mode::kShape) {  // a canonical text has neither
    field.unit = key.unit;
    field.meaning = key.meaning;
  }
  field.presence = key.presence;
  field.value = std::move(value);
  if (!seen_.insert(field.pointer).second) return repeated_ = field;
  return fields_.emplace_back(std::move(field));
}

void FieldLister::integer_value(const Key& key, std::int64_t& member, IntegerRange range) {
  add(key, FieldKind::kInteger, std::to_string(member)).integer_range = range;
}

void FieldLister::integer_or_word_value(const Key& key, std::string_view word,
                                        std::optional<std::int64_t>& member, IntegerRange range) {
  Field& field = add(key, FieldKind::kIntegerOrWord,
                     member ? std::to_string(*member) : json(std::string(word)).dump());
  field.integer_range = range;
  field.choices = {std::string(word)};
}

void FieldLister::number(const Key& key, double& member, NumberRange range) {
  add(key, FieldKind::kNumber, fmt::format("{}", member)).number_range = range;
}

void FieldLister::text(const Key& key, std::string& member) {
  add(key, FieldKind::kText, member.empty() ? "" : json(member).dump());
}

void FieldLister::one_of(const Key& key, std::string& member,
                         const std::vector<std::string>& names) {
  add(key, FieldKind::kChoice, json(member).dump()).choices = names;
}

void FieldLister::flag(const Key& key, bool& member) {
  add(key, FieldKind::kFlag, member ? "true" : "false");
}

void FieldLister::file(const Key& key, std::string& member) {
  // Not the folder: the same configuration has the same text wherever it was started.
  const std::string name = std::filesystem::path(member).filename().string();
  add(key, FieldKind::kFile, name.empty() ? "" : json(name).dump());
}

void FieldLister::choice_index(const Key& key, std::size_t& index,
                               const std::vector<std::string_view>& names) {
  add(key, FieldKind::kChoice, json(names[index]).dump()).choices = {names.begin(), names.end()};
}

void FieldLister::integers(const Key& key, std::vector<std::int64_t>& member, IntegerRange each,
                           IntegerRange count) {
  Field& field = add(key, FieldKind::kIntegers, array_text(member));
  field.integer_range = each;
  field.count = count;
}

void FieldLister::integers_or_words(const Key& key, std::vector<std::int64_t>& member,
                                    std::vector<std::string>& words, IntegerRange each,
                                    IntegerRange count) {
  json values = json::array();
  for (std::size_t i = 0; i < member.size(); ++i) {
    const bool word = i < words.size() && !words[i].empty();
    values.push_back(word ? json(words[i]) : json(member[i]));
  }
  Field& field = add(key, FieldKind::kIntegersOrWords, member.empty() ? "" : values.dump());
  field.integer_range = each;
  field.count = count;
}

void FieldLister::numbers(const Key& key, std::vector<double>& member, NumberRange each,
                          IntegerRange count) {
  Field& field = add(key, FieldKind::kNumbers, array_text(member));
  field.number_range = each;
  field.count = count;
}

void FieldLister::texts(const Key& key, std::vector<std::string>& member, IntegerRange count) {
  add(key, FieldKind::kTexts, member.empty() ? "" : json(member).dump()).count = count;
}

void FieldLister::values(const Key& key, std::vector<std::string>& member, IntegerRange count) {
  add(key, FieldKind::kValues, array_text(member)).count = count;
}

void FieldLister::named_values(const Key& key, std::map<std::string, std::string>& member) {
  json object = json::object();
  for (const auto& [name, value] : member) object[name] = json::parse(value);
  add(key, FieldKind::kNamedValues, member.empty() ? "" : object.dump());
}

void FieldLister::named_integers(const Key& key,
                                 std::map<std::string, std::vector<std::int64_t>>& member) {
  add(key, FieldKind::kNamedIntegers, json(member).dump());
}

void FieldLister::named_integers_or_words(const Key& key,
                                          std::map<std::string, std::vector<std::int64_t>>& member,
                                          std::map<std::string, std::string>& words) {
  json object(member);
  for (const auto& [name, word] : words) object[name] = word;
  add(key, FieldKind::kNamedIntegersOrWords, object.dump());
}

void FieldLister::enter(const Key& key, Nesting nesting) {
  add(key, nesting == Nesting::kReference ? FieldKind::kReference : FieldKind::kObject, "");
  path_.push_back(escape_pointer_token(key.name));
}

Binder::ListVisit FieldLister::enter_list(const Key& key, std::size_t size, IntegerRange count) {
  add(key, FieldKind::kList, "").count = count;
  path_.push_back(escape_pointer_token(key.name));
  return mode_ == Mode::kShape ? ListVisit{Elements::kNew, 1} : ListVisit{Elements::kHeld, size};
}

void FieldLister::enter_element(std::size_t index) {
  path_.push_back(mode_ == Mode::kShape ? "*" : std::to_string(index));
}

Binder::MapVisit FieldLister::enter_map(const Key& key, std::vector<std::string> names) {
  add(key, FieldKind::kMap, "");
  path_.push_back(escape_pointer_token(key.name));
  return mode_ == Mode::kShape ? MapVisit{Elements::kNew, {"*"}}
                               : MapVisit{Elements::kHeld, std::move(names)};
}

void FieldLister::enter_entry(const std::string& name) {
  path_.push_back(escape_pointer_token(name));
}

std::string canonical_text(const std::vector<Field>& fields) {
  std::string lines;
  for (const Field& field : fields) lines += fmt::format("{}={}\n", field.pointer, field.value);
  return lines;
}

}  // namespace mxsim
