// `mxsim report` on results that somebody forged.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/config/result_line.h"
#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

class HostileReport : public testing::Test {
 protected:
  CommandResult report(const std::string& file) const {
    return run_command({"report", file, "-o", page(), "--json"});
  }
  std::string page() const { return (folder_.path() / "page.html").string(); }
  void refused(const std::string& name, const std::string& text, const std::string& why) const {
    const std::string file = folder_.write(name, text);
    const CommandResult result = report(file);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(result.err, file + ": " + why + "\n");
    EXPECT_FALSE(fs::exists(page()));
  }

  TemporaryFolder folder_;
};

json span(const json& thread, const json& begin, const json& length) {
  return {{"ph", "X"},
          {"tid", thread},
          {"dur", 1.0},
          {"args", {{"cycle", begin}, {"cycles", length}, {"layer", "a"}}}};
}

std::string timeline(json events) { return json{{"traceEvents", std::move(events)}}.dump(); }

TEST_F(HostileReport, TimelinesOfOtherTypesAreNone) {
  const std::string none =
      "no result of run, compare, sweep, explore, train or eval, and no timeline";
  for (const json& event :
       {span("0", 0, 1), span(-1, 0, 1), span(0, -1, 1), span(0, 1e300, 1), span(0, 0, 1.5),
        span(0, std::uint64_t{1} << 63, 1), json{{"ph", "M"}, {"tid", 0}},
        json{{"ph", "M"}, {"tid", 0}, {"args", {{"name", 5}}}}}) {
    refused("t.json", timeline({event}), none);
  }
  json named = span(0, 0, 1);
  named["args"]["layer"] = 5;
  refused("t.json", timeline({named}), none);
  named["args"]["layer"] = "a";
  named["args"]["waits_for"] = json::array();
  refused("t.json", timeline({named}), none);
}

/// More units than the digest has steps: each gets one.
TEST_F(HostileReport, ManyUnitsShareTheSteps) {
  json events = json::array();
  for (int unit = 0; unit < 100'001; ++unit) events.push_back(span(unit, 0, 10));
  const CommandResult result = report(folder_.write("t.json", timeline(events)));
  EXPECT_EQ(result.exit_code, 0) << result.err;
}

TEST_F(HostileReport, SpansUponEachOtherAreCounted) {
  json events = json::array();
  for (int i = 0; i < 100'001; ++i) events.push_back(span(0, 0, std::int64_t{1} << 40));
  refused("t.json", timeline(events), "spans of a timeline lie upon each other too often");
}

/// A point of every column alone: a table of the square of its lines.
TEST_F(HostileReport, PointsOfEverNewColumnsAreCounted) {
  std::string lines;
  for (int i = 0; i < 10'000; ++i) {
    lines +=
        json{{"point", i}, {"status", "ok"}, {"settings", {{"/" + std::to_string(i), 1}}}}.dump() +
        "\n";
  }
  refused("results.jsonl", lines, "more than 20000000 cells");
}

TEST_F(HostileReport, TextsStayTexts) {
  const std::string evil = "</script><script>alert(1)</script><img src=x onerror=alert(1)>";
  const json line{{"point", 0}, {"status", "ok"}, {"settings", {{evil, evil}}}};
  const CommandResult result = report(folder_.write("results.jsonl", line.dump() + "\n"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string html = content(page());
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_THAT(html, HasSubstr("\\u003c/script>"));
}

TEST_F(HostileReport, FilesMayHaveAnyName) {
  const json line{{"point", 0}, {"status", "ok"}, {"settings", {{"/batch", 1}}}};
  fs::create_directory(folder_.path() / "out");
  folder_.write("out/results.jsonl", line.dump() + "\n");
  folder_.write("out/\xff.json", timeline({span(0, 0, 1)}));
  const CommandResult result = report((folder_.path() / "out").string());
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["documents"].size(), 2u);
}

/// Values of a line are written again, a frame of the stack for each level.
TEST(HostileResultLine, DepthsAndPointsThatNobodyWroteAreNone) {
  const auto line = [](const std::string& point, const std::string& value) {
    return R"({"point":)" + point +
           R"(,"sweep":"s","status":"failed","settings":{"/batch":1},"x":)" + value + "}";
  };
  EXPECT_TRUE(read_result_line(line("3", "[[1]]")));
  constexpr std::size_t kDeep = 1'000'000;
  EXPECT_FALSE(read_result_line(line("3", std::string(kDeep, '[') + std::string(kDeep, ']'))));
  for (const char* point : {"-1", "1.5", "1e300", "true", "\"1\""}) {
    EXPECT_FALSE(read_result_line(line(point, "1"))) << point;
  }
}

}  // namespace
}  // namespace mxsim
