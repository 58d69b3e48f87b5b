#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/report/config_report.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

template <class Range>
ordered_json bounded(const char* type, Range range) {
  ordered_json schema{{"type", type}, {"minimum", range.low}};
  if (range.high != std::numeric_limits<decltype(range.high)>::max()) {
    schema["maximum"] = range.high;
  }
  return schema;
}

ordered_json array_of(const ordered_json& items, IntegerRange count) {
  ordered_json schema{{"type", "array"}, {"items", items}, {"minItems", count.low}};
  if (count.high != IntegerRange{}.high) schema["maxItems"] = count.high;
  return schema;
}

ordered_json closed_object() {
  return {
      {"type", "object"}, {"properties", ordered_json::object()}, {"additionalProperties", false}};
}

ordered_json schema_of(const Field& field) {
  const ordered_json text{{"type", "string"}};
  switch (field.kind) {
    case FieldKind::kInteger:
      return bounded("integer", field.integer_range);
    case FieldKind::kIntegerOrWord:
      return {{"anyOf", {bounded("integer", field.integer_range), {{"enum", field.choices}}}}};
    case FieldKind::kNumber:
      return bounded("number", field.number_range);
    case FieldKind::kText:
    case FieldKind::kFile:
      return {{"type", "string"}, {"minLength", 1}};
    case FieldKind::kChoice:
      return {{"enum", field.choices}};
    case FieldKind::kFlag:
      return {{"type", "boolean"}};
    case FieldKind::kIntegers:
      return array_of(bounded("integer", field.integer_range), field.count);
    case FieldKind::kIntegersOrWords:
      return array_of({{"anyOf", {bounded("integer", field.integer_range), text}}}, field.count);
    case FieldKind::kNumbers:
      return array_of(bounded("number", field.number_range), field.count);
    case FieldKind::kTexts:
      return array_of(text, field.count);
    case FieldKind::kValues:
      return array_of(ordered_json::object(), field.count);
    case FieldKind::kNamedValues:
      return {{"type", "object"}};
    case FieldKind::kReference:
      return {{"type", {"string", "object"}}};
    case FieldKind::kObject:
      return closed_object();
    case FieldKind::kList:
      return array_of(closed_object(), field.count);
    case FieldKind::kMap:
      return {{"type", "object"}, {"additionalProperties", closed_object()}};
    case FieldKind::kNamedIntegers:
      return {{"type", "object"},
              {"additionalProperties",
               {{"type", {"integer", "boolean", "array"}}, {"items", {{"type", "integer"}}}}}};
    case FieldKind::kNamedIntegersOrWords:
      return {{"type", "object"},
              {"additionalProperties",
               {{"type", {"integer", "boolean", "array", "string"}},
                {"items", {{"type", "integer"}}}}}};
  }
  throw InternalError("a field kind without a schema");
}

/// "/a/b/c" to {"/a/b", "c"}
std::pair<std::string, std::string> split(const std::string& pointer) {
  const std::size_t slash = pointer.rfind('/');
  return {pointer.substr(0, slash), pointer.substr(slash + 1)};
}

/// Where the keys below a field belong, seen from the field's schema.
std::string inner_object(FieldKind kind) {
  if (kind == FieldKind::kList) return "/items";
  if (kind == FieldKind::kMap) return "/additionalProperties";
  return "";
}

}  // namespace

std::string schema_json(const FileKind& kind) {
  ordered_json root = closed_object();
  std::map<std::string, std::string> objects{{"", ""}};  // pointer of an object to its schema's
  for (const Field& field : without_files(kind.fields())) {
    const auto [parent, name] = split(field.pointer);
    const std::string place = objects.at(parent) + "/properties/" + name;
    ordered_json schema = schema_of(field);
    schema["description"] = field.meaning + (field.unit.empty() ? "" : " [" + field.unit + "]");
    if (!field.value.empty() && field.presence == Presence::kOptional) {
      schema["default"] = ordered_json::parse(field.value);
    }
    root[ordered_json::json_pointer(place)] = std::move(schema);
    if (field.presence == Presence::kRequired) {
      root.at(ordered_json::json_pointer(objects.at(parent)))["required"].push_back(name);
    }
    const bool elements = field.kind == FieldKind::kList || field.kind == FieldKind::kMap;
    objects[field.pointer + (elements ? "/*" : "")] = place + inner_object(field.kind);
  }
  ordered_json document{{"$schema", "http://json-schema.org/draft-07/schema#"},
                        {"title", kind.name + " file: " + kind.title}};
  document.update(root);
  return document.dump(2) + "\n";
}

}  // namespace mxsim
