#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/report/report_page.h"
#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

/// The data of a page.
json results_of(const std::string& page) {
  const std::string begin = "<script type=\"application/json\" id=\"results\">";
  const std::size_t from = page.find(begin) + begin.size();
  return json::parse(page.substr(from, page.find("</script>", from) - from));
}

class Report : public testing::Test {
 protected:
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  void done(std::vector<std::string> arguments) {
    const CommandResult result = run_command(arguments);
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }

  TemporaryFolder folder_;
};

TEST_F(Report, HoldsTheResultsOfEveryCommandAsTheyAre) {
  done({"run", kTinyCnn, "--out", path("run"), "--timeline", path("run/timeline.json")});
  done({"compare", kTinyCnn, "--formats", "bf16,mxsf", "--out", path("compare")});
  done({"report", path("run"), path("compare/compare.json"), "-o", path("page.html")});
  const std::string page = content(path("page.html"));
  const json documents = results_of(page)["documents"];
  ASSERT_EQ(documents.size(), 3u);
  EXPECT_EQ(documents[0]["kind"], "run");
  EXPECT_EQ(documents[0]["data"], json::parse(content(path("run/report.json"))));
  EXPECT_EQ(documents[1]["kind"], "timeline");
  EXPECT_EQ(documents[2]["kind"], "compare");
  EXPECT_EQ(documents[2]["data"], json::parse(content(path("compare/compare.json"))));
}

TEST_F(Report, LoadsNothingFromAnywhereAndNamesTheLibrarysLicence) {
  done({"run", kTinyCnn, "--out", path("run")});
  done({"report", path("run"), "-o", path("page.html"), "--title", "a <b> & c"});
  const std::string page = content(path("page.html"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* reference : {"<link", " src=", "@import", "url("}) {
    EXPECT_THAT(page, Not(HasSubstr(reference))) << reference;
  }
  EXPECT_THAT(page, HasSubstr("<h1>a &lt;b&gt; &amp; c</h1>"));
  EXPECT_THAT(page, HasSubstr("Released under the MIT License"));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST_F(Report, TheTimelinesDigestKeepsEverySpanOrTheTimeOfEachStep) {
  done({"run", kTinyCnn, "--out", path("run"), "--timeline", path("timeline.json")});
  const json trace = json::parse(content(path("timeline.json")));
  const json whole = timeline_digest(trace, 1'000'000);
  EXPECT_EQ(whole["resolution"], 1);
  std::size_t spans = 0;
  std::int64_t cycles = 0;
  for (const json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++spans;
    cycles += event["args"]["cycles"].get<std::int64_t>();
  }
  const auto covered = [](const json& digest, std::size_t& count) {
    std::int64_t sum = 0;
    for (const json& unit : digest["spans"]) {
      count += unit["length"].size();
      for (const json& length : unit["length"]) sum += length.get<std::int64_t>();
    }
    return sum;
  };
  std::size_t kept = 0;
  EXPECT_EQ(covered(whole, kept), cycles);
  EXPECT_EQ(kept, spans);
  std::size_t merged = 0;
  const json coarse = timeline_digest(trace, 200);
  covered(coarse, merged);
  EXPECT_GT(coarse["resolution"].get<std::int64_t>(), 1);
  EXPECT_LE(merged, 200u + coarse["units"].size());
  EXPECT_EQ(coarse["cycles"], whole["cycles"]);
}

TEST_F(Report, PointsOfASweepBecomeATableOfSettingsAndTotals) {
  done(
      {"sweep", MXSIM_ROOT "/configs/sweeps/tiny_cnn.json", "--out", path("sweep"), "--jobs", "1"});
  done({"report", path("sweep"), "-o", path("page.html")});
  const json points = results_of(content(path("page.html")))["documents"][0];
  EXPECT_EQ(points["kind"], "points");
  const json& data = points["data"];
  EXPECT_EQ(data["rows"].size(), 12u);
  EXPECT_EQ(data["failed"], 0);
  EXPECT_THAT(data["settings"], testing::Contains("/formats/default"));
  for (const json& row : data["rows"]) EXPECT_EQ(row.size(), data["columns"].size());
}

TEST_F(Report, RefusesWhatIsNoResultAndWritesNothing) {
  const std::string other = folder_.write("other.json", R"({"layers": [1], "totals": 3})");
  const std::string torn = folder_.write("torn.json", R"({"layers": )");
  const std::string lines = folder_.write("results.jsonl", "{\"point\": 1}\n");
  std::filesystem::create_directory(folder_.path() / "empty");
  const CommandResult result = run_command(
      {"report", other, torn, lines, path("empty"), path("none.json"), "-o", path("page.html")});
  EXPECT_EQ(result.exit_code, 2);
  const std::string none =
      "no result of run, compare, sweep, explore, train or eval, and no timeline";
  EXPECT_THAT(result.err, HasSubstr(other + ": " + none + "\n"));
  EXPECT_THAT(result.err, HasSubstr(torn + ": "));
  EXPECT_THAT(result.err, HasSubstr(lines + ": line 1 is no result of a sweep\n"));
  EXPECT_THAT(result.err, HasSubstr(path("empty") + ": holds " + none + "\n"));
  EXPECT_THAT(result.err, HasSubstr(path("none.json") + ": no such file\n"));
  EXPECT_EQ(lines_of(result.err).size(), 5u);
  EXPECT_FALSE(std::filesystem::exists(path("page.html")));
}

}  // namespace
}  // namespace mxsim
