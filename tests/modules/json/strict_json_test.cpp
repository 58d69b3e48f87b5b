#include "sim/json/strict_json.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/diagnostics.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> faults(const std::string& text) {
  return fault_lines([&] { parse_strict_json(text, "a.json"); });
}

TEST(StrictJson, KeepsIntegersOf64BitsAndTextsAsWritten) {
  const auto value = parse_strict_json(R"({"a": [9223372036854775807, -1, "ü"]})", "a.json");
  EXPECT_EQ(value["a"][0].get<std::int64_t>(), 9223372036854775807);
  EXPECT_EQ(value["a"][1].get<std::int64_t>(), -1);
  EXPECT_EQ(value["a"][2].get<std::string>(), "ü");
}

TEST(StrictJson, NamesLineAndColumnOfTruncatedText) {
  EXPECT_THAT(faults("{\n  \"a\": "),
              ElementsAre(StartsWith("a.json: line 2, column 8: syntax error")));
  EXPECT_THAT(faults(""), ElementsAre(HasSubstr("line 1, column 1")));
}

TEST(StrictJson, NamesLineAndColumnOfAWrongCharacter) {
  EXPECT_THAT(faults("{\"a\":\n 1,\n}"), ElementsAre(StartsWith("a.json: line 3, column 1: ")));
}

TEST(StrictJson, RefusesEveryDuplicateKeyWithItsPointer) {
  EXPECT_THAT(faults(R"({"a": {"b": [0, {"c/d": 1, "c/d": 2}]}, "a": 3})"),
              ElementsAre("a.json: /a/b/1/c~1d: duplicate key", "a.json: /a: duplicate key"));
}

TEST(StrictJson, RefusesNumbersThatAreNotFinite) {
  EXPECT_THAT(faults(R"({"a": 1e999})"), ElementsAre(HasSubstr("number overflow parsing '1e999'")));
  EXPECT_THAT(faults(R"({"a": NaN})"), ElementsAre(HasSubstr("line 1, column 7")));
  EXPECT_THAT(faults(R"({"a": -Infinity})"), ElementsAre(HasSubstr("line 1, column 8")));
}

TEST(StrictJson, RefusesTextAfterTheValue) {
  EXPECT_THAT(faults("{} {}"), ElementsAre(HasSubstr("line 1, column 4")));
}

TEST(StrictJson, RefusesBytesThatAreNotUtf8) {
  EXPECT_THAT(faults("{\n\"a\": \"\xff\"}"), ElementsAre("a.json: not UTF-8 at line 2, column 7"));
  EXPECT_THAT(faults("\"\xc3"), ElementsAre("a.json: not UTF-8 at line 1, column 2"));
  EXPECT_THAT(faults("\"\xed\xa0\x80\""), ElementsAre("a.json: not UTF-8 at line 1, column 2"));
}

TEST(StrictJson, AllowsTheDeepestNestingAndRefusesOneMore) {
  const std::string deepest = std::string(kMaxJsonDepth, '[') + std::string(kMaxJsonDepth, ']');
  EXPECT_THAT(faults(deepest), ElementsAre());
  EXPECT_THAT(faults("[" + deepest + "]"), ElementsAre("a.json: nested deeper than 64 levels"));
  EXPECT_THAT(faults(std::string(10'000'000, '[')),
              ElementsAre("a.json: nested deeper than 64 levels"));
}

TEST(StrictJson, QuotesAtMostAShortPieceOfTheInput) {
  const std::vector<std::string> lines = faults("\"" + std::string(1'000'000, 'x'));
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_LT(lines[0].size(), 200u);
  const std::vector<std::string> digits = faults(std::string(1'000'000, '9') + "e9");
  ASSERT_EQ(digits.size(), 1u);
  EXPECT_LT(digits[0].size(), 200u);
}

TEST(ReadTextFile, NamesTheFileThatCannotBeRead) {
  const TemporaryFolder folder;
  const std::string path = folder.path().string();
  EXPECT_THAT(fault_lines([&] { read_text_file(path); }),
              ElementsAre(path + ": is a folder, expected a file"));
  EXPECT_THAT(fault_lines([&] { read_text_file(path + "/none.json"); }),
              ElementsAre(path + "/none.json: no such file"));
  EXPECT_THAT(fault_lines([&] { read_text_file("/dev/zero"); }),
              ElementsAre("/dev/zero: is not a regular file"));
}

TEST(ReadTextFile, RefusesAFileAboveTheLimitWithoutReadingIt) {
  const TemporaryFolder folder;
  const std::string path = folder.write("big.json", "{}");
  std::filesystem::resize_file(path, 1'000'000'000);
  EXPECT_THAT(fault_lines([&] { read_text_file(path); }),
              ElementsAre(path + ": 1000000000 bytes, expected at most 67108864"));
}

TEST(BriefText, IsOneShortLine) {
  EXPECT_EQ(brief_text(3.9), "3.9");
  EXPECT_EQ(brief_text("a\nb"), "\"a\\nb\"");
  EXPECT_EQ(brief_text(nlohmann::json::array({1, 2})), "an array of 2");
  EXPECT_LT(brief_text(std::string(1000, 'x')).size(), 50u);
}

}  // namespace
}  // namespace mxsim
