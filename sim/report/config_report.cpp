#include "sim/report/config_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/report/outlook_text.h"
#include "sim/report/text_table.h"

namespace mxsim {
namespace {

using nlohmann::ordered_json;

std::string escaped_for_markdown(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

std::string default_text(const Field& field) {
  return field.presence == Presence::kRequired ? "required" : field.value;
}

}  // namespace

std::string check_json(const std::vector<CheckedFile>& files) {
  ordered_json list = ordered_json::array();
  for (const CheckedFile& checked : files) {
    ordered_json faults = ordered_json::array();
    for (const Diagnostic& fault : checked.faults) {
      faults.push_back(
          {{"file", fault.file}, {"pointer", fault.pointer}, {"message", fault.message}});
    }
    ordered_json entry{{"file", checked.file},
                       {"kind", checked.kind},
                       {"faults", faults},
                       {"warnings", checked.warnings}};
    if (checked.outlook) entry.update(to_json(*checked.outlook));
    list.push_back(std::move(entry));
  }
  return ordered_json{{"files", list}}.dump(2, ' ', false, ordered_json::error_handler_t::replace) +
         "\n";
}

std::string describe_json(const std::vector<Field>& fields) {
  ordered_json list = ordered_json::array();
  for (const Field& field : fields) {
    list.push_back(
        {{"key", field.pointer},
         {"type", type_text(field)},
         {"unit", field.unit},
         {"range", range_text(field)},
         {"default", field.value.empty() ? ordered_json() : ordered_json::parse(field.value)},
         {"required", field.presence == Presence::kRequired},
         {"meaning", field.meaning}});
  }
  return list.dump(2) + "\n";
}

namespace {

/// "key\n    type, range unit, default\n    meaning"
std::string field_lines(const Field& field, std::size_t width) {
  constexpr std::size_t kIndent = 4;
  const std::string indent(kIndent, ' ');
  std::string facts = type_text(field);
  const std::string range = range_text(field);
  if (!range.empty()) facts += ", " + range;
  if (!field.unit.empty()) facts += " " + field.unit;
  if (field.presence == Presence::kRequired) {
    facts += ", required";
  } else if (!field.value.empty()) {
    facts += ", default " + field.value;
  }
  return field.pointer + "\n" + wrapped(indent + facts, width, kIndent) + "\n" +
         wrapped(indent + field.meaning, width, kIndent) + "\n";
}

}  // namespace

std::string describe_text(const std::vector<Field>& fields, std::size_t width) {
  TextTable table({{"key"}, {"type"}, {"range"}, {"unit"}, {"default"}, {"meaning"}});
  for (const Field& field : fields) {
    table.add_row({field.pointer, type_text(field), range_text(field), field.unit,
                   default_text(field), field.meaning});
  }
  if (table.width() <= width) return table.text();
  std::string text;
  for (const Field& field : fields) text += field_lines(field, width);
  return text;
}

std::vector<Field> without_files(const std::vector<Field>& fields) {
  std::vector<Field> kept;
  std::string file = "/";  // no key lies below it
  for (const Field& field : fields) {
    if (field.pointer.starts_with(file + "/")) continue;
    if (field.kind == FieldKind::kReference) file = field.pointer;
    kept.push_back(field);
  }
  return kept;
}

std::string describe_markdown(const std::vector<Field>& fields) {
  std::string text =
      "| key | type | range | unit | default | meaning |\n|---|---|---|---|---|---|\n";
  for (const Field& field : without_files(fields)) {
    text +=
        fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", field.pointer, type_text(field),
                    escaped_for_markdown(range_text(field)), field.unit,
                    escaped_for_markdown(default_text(field)), escaped_for_markdown(field.meaning));
  }
  return text;
}

}  // namespace mxsim
