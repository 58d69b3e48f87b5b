#include <gmock/gmock.h>

#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/config/file_kind.h"
#include "sim/json/strict_json.h"
#include "sim/report/config_report.h"
#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// A good file of every kind.
const std::map<std::string, std::string>& examples() {
  static const std::map<std::string, std::string> files{
      {"run", MXSIM_ROOT "/configs/runs/tiny_cnn_train.json"},
      {"chip", MXSIM_ROOT "/configs/chips/tiny-8x8.json"},
      {"device", MXSIM_ROOT "/configs/dram/lpddr4-3200.json"},
      {"technology", MXSIM_ROOT "/configs/technology/45nm.json"},
      {"trace", MXSIM_ROOT "/traces/tiny_cnn.json"},
      {"sweep", MXSIM_ROOT "/configs/sweeps/tiny_cnn.json"},
      {"explore", MXSIM_ROOT "/configs/explorations/tiny_cnn.json"},
  };
  return files;
}

std::vector<json> wrong_values(const Field& field) {
  const json object = json::object();
  const json array = json::array();
  switch (field.kind) {
    case FieldKind::kInteger:
      return {"x", true, nullptr, array, object, 3.9, 1e30, std::uint64_t{1} << 63, -1e30};
    case FieldKind::kIntegerOrWord:
      return {"x", true, nullptr, array, object, 3.9, 1e30, std::uint64_t{1} << 63, -1};
    case FieldKind::kNumber:
      return {"x", true, nullptr, array, object, -1.0};
    case FieldKind::kText:
      return {1, true, nullptr, array, object, ""};
    case FieldKind::kChoice:
    case FieldKind::kFile:
      return {1, true, nullptr, array, object, "", "no such name"};
    case FieldKind::kFlag:
      return {1, "true", nullptr, array, object};
    case FieldKind::kIntegers:
    case FieldKind::kNumbers:
      return {1, "x", nullptr, object, json{"x"}, json{nullptr}, json{array}};
    case FieldKind::kTexts:
      return {1, "x", nullptr, object, json{1}, json{array}};
    case FieldKind::kList:
      return {1, "x", nullptr, object, json{1}, json{"x"}, json{array}};
    case FieldKind::kReference:
      return {1, true, nullptr, array, "none.json"};
    default:
      return {1, "x", true, nullptr, array};
  }
}

/// The place of a key in `document`: "*" becomes the first element; "" when there is none.
std::string first_place(const std::string& pointer, const json& document) {
  std::string place;
  for (json::json_pointer rest(pointer); !rest.empty(); rest.pop_back()) {
    const std::string token = rest.back();
    place = "/" + token + place;
  }
  for (std::size_t star = place.find("/*"); star != std::string::npos; star = place.find("/*")) {
    const json::json_pointer above(place.substr(0, star));
    if (!document.contains(above) || document.at(above).empty()) return "";
    const json& elements = document.at(above);
    const std::string first =
        elements.is_array() ? "0" : escape_pointer_token(elements.begin().key());
    place.replace(star, 2, "/" + first);
  }
  return place;
}

std::vector<std::string> faults_of(const FileKind& kind, const json& document) {
  return fault_lines(
      [&] { kind.check(Document::parse(document.dump(), examples().at(kind.name))); });
}

class WrongValues : public testing::TestWithParam<std::string> {
 protected:
  const FileKind& kind() const {
    for (const FileKind& kind : file_kinds()) {
      if (kind.name == GetParam()) return kind;
    }
    throw InternalError("no such kind of file");
  }
  json example() const {
    json document = json::parse(read_text_file(examples().at(GetParam())));
    if (GetParam() == "run") document["formats"]["overrides"] = {{{"layers", "fc"}}};
    return document;
  }
};

TEST_P(WrongValues, AtEveryKeyAreRefusedByFileAndPointer) {
  const json document = example();
  ASSERT_THAT(faults_of(kind(), document), IsEmpty());
  for (const Field& field : without_files(kind().fields())) {
    const std::string place = first_place(field.pointer, document);
    if (place.empty()) continue;
    for (const json& value : wrong_values(field)) {
      json patched = document;
      patched[json::json_pointer(place)] = value;
      const std::vector<std::string> lines = faults_of(kind(), patched);
      EXPECT_THAT(lines, Contains(HasSubstr(examples().at(GetParam()) + ": " + place)))
          << "value " << value.dump();
      EXPECT_THAT(lines, Not(Contains(HasSubstr("\n"))));
    }
  }
}

TEST_P(WrongValues, OfRequiredKeysLeftOutAreNamed) {
  const json document = example();
  for (const Field& field : without_files(kind().fields())) {
    const std::string place = first_place(field.pointer, document);
    if (place.empty() || field.presence != Presence::kRequired) continue;
    json patched = document;
    const json::json_pointer pointer(place);
    if (!patched.contains(pointer.parent_pointer())) continue;  // in a section that is optional
    patched.at(pointer.parent_pointer()).erase(pointer.back());
    EXPECT_THAT(faults_of(kind(), patched), Contains(HasSubstr(place + ": missing, expected ")));
  }
}

TEST_P(WrongValues, UnderAKeyThatDoesNotExistAreRefusedInEveryObject) {
  const json document = example();
  for (const Field& field : without_files(kind().fields())) {
    const std::string place = first_place(field.pointer, document);
    if (place.empty() || field.kind != FieldKind::kObject) continue;
    json patched = document;
    patched[json::json_pointer(place)]["no such key"] = 1;
    EXPECT_THAT(faults_of(kind(), patched),
                Contains(HasSubstr(place + "/no such key: unknown key")));
  }
}

std::vector<std::string> kind_names() {
  std::vector<std::string> names;
  for (const FileKind& kind : file_kinds()) names.push_back(kind.name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Kinds, WrongValues, testing::ValuesIn(kind_names()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace mxsim
