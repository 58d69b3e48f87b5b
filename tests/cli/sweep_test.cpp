#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/config/result_line.h"
#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kTinySweep = MXSIM_ROOT "/configs/sweeps/tiny_cnn.json";

CommandResult sweep(const std::string& file, const std::filesystem::path& out,
                    std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"sweep", file, "--out", out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

/// A sweep of two axes over the small CNN, with `more` keys.
json small_sweep() {
  const std::string base =
      std::filesystem::absolute(MXSIM_ROOT "/configs/runs/tiny_cnn_train.json").string();
  return {{"base", base},
          {"set", {{"/batch", 1}}},
          {"axes",
           {{{"key", "/chip/array/rows"}, {"values", {4, 8}}},
            {{"key", "/formats/default"}, {"values", {"bf16", "mxsf"}}}}}};
}

TEST(Sweep, APointIsTheSingleRunByteForByte) {
  const TemporaryFolder folder;
  ASSERT_EQ(sweep(kTinySweep, folder.path() / "sweep", {"--reports"}).exit_code, 0);
  const std::vector<std::string> lines = sorted_lines(folder.path() / "sweep/results.jsonl");
  ASSERT_EQ(lines.size(), 12u);
  for (const std::string& line : lines) {
    const json point = json::parse(line);
    const std::string number = std::to_string(point["point"].get<int>());
    std::vector<std::string> run{"run",     MXSIM_ROOT "/configs/runs/tiny_cnn_train.json",
                                 "--batch", "1",
                                 "--out",   (folder.path() / number).string()};
    for (const auto& [key, value] : point["settings"].items()) {
      run.insert(run.end(), {"--set", key + "=" + value.dump()});
    }
    ASSERT_EQ(run_command(run).exit_code, 0);
    const std::string report = content(folder.path() / number / "report.json");
    EXPECT_EQ(content(folder.path() / "sweep/reports" / (number + ".json")), report);
    const json single = json::parse(report);
    for (const char* key : {"totals", "energy_pj", "area_mm2", "config_hash", "version"}) {
      EXPECT_EQ(point[key], single[key]) << number << " " << key;
    }
  }
}

TEST(Sweep, ResultsAreTheSameForAnyNumberOfJobs) {
  const TemporaryFolder folder;
  for (const char* jobs : {"1", "2", "5"}) {
    ASSERT_EQ(sweep(kTinySweep, folder.path() / jobs, {"--jobs", jobs}).exit_code, 0);
    EXPECT_EQ(sorted_lines(folder.path() / jobs / "results.jsonl"),
              sorted_lines(folder.path() / "1/results.jsonl"));
    EXPECT_EQ(content(folder.path() / jobs / "results.csv"),
              content(folder.path() / "1/results.csv"));
  }
}

TEST(Sweep, ShardsPutTogetherAreTheWholeSweep) {
  const TemporaryFolder folder;
  ASSERT_EQ(sweep(kTinySweep, folder.path() / "whole").exit_code, 0);
  for (const char* shard : {"1/3", "2/3", "3/3"}) {
    ASSERT_EQ(sweep(kTinySweep, folder.path() / "shards", {"--shard", shard}).exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "shards/results.csv"));
  }
  EXPECT_THAT(lines_of(content(folder.path() / "shards/results.2-of-3.jsonl")), testing::SizeIs(4));
  ASSERT_EQ(sweep(kTinySweep, folder.path() / "shards", {"--resume"}).exit_code, 0);
  EXPECT_EQ(sorted_lines(folder.path() / "shards/results.jsonl"),
            sorted_lines(folder.path() / "whole/results.jsonl"));
  EXPECT_EQ(content(folder.path() / "shards/results.csv"),
            content(folder.path() / "whole/results.csv"));
}

/// A line of results with one text changed, signed anew.
std::string remarked(std::string line, const std::string& from, const std::string& to) {
  line.replace(line.find(from), from.size(), to);
  line = signed_result_line(line.substr(0, line.rfind(",\"line_hash\"")) + "}");
  line.pop_back();
  return line;
}

TEST(Sweep, ResumeRunsOnlyWhatIsMissingAndCutsATornLine) {
  const TemporaryFolder folder;
  const auto results = folder.path() / "results.jsonl";
  ASSERT_EQ(sweep(kTinySweep, folder.path()).exit_code, 0);
  const std::string whole = content(results);
  const std::vector<std::string> lines = lines_of(whole);
  const std::string table = content(folder.path() / "results.csv");
  // Five lines, and half of the sixth; the first is marked to see that it is not run again.
  std::string kept = remarked(lines[0], "\"seed\":1", "\"seed\":7");
  for (std::size_t i = 1; i < 5; ++i) kept += "\n" + lines[i];
  folder.write("results.jsonl", kept + "\n" + lines[5].substr(0, 100));
  ASSERT_EQ(sweep(kTinySweep, folder.path(), {"--resume"}).exit_code, 0);
  std::string resumed = content(results);
  ASSERT_THAT(resumed, HasSubstr(kept.substr(0, kept.find('\n'))));
  resumed.replace(resumed.find(kept.substr(0, kept.find('\n'))), kept.find('\n'), lines[0]);
  folder.write("results.jsonl", resumed);
  EXPECT_EQ(sorted_lines(results), sorted_lines(folder.path() / "results.jsonl"));
  std::vector<std::string> all = lines;
  std::sort(all.begin(), all.end());
  EXPECT_EQ(sorted_lines(results), all);
  ASSERT_EQ(sweep(kTinySweep, folder.path(), {"--resume"}).exit_code, 0);
  EXPECT_EQ(content(folder.path() / "results.csv"), table);
}

/// The hash is no secret: tables are drawn for lines that a program wrote with other keys.
TEST(Sweep, ResumeRefusesLinesWithOtherSettings) {
  const TemporaryFolder folder;
  ASSERT_EQ(sweep(kTinySweep, folder.path()).exit_code, 0);
  const std::string results = (folder.path() / "results.jsonl").string();
  const std::vector<std::string> lines = lines_of(content(results));
  const std::string key = "\"/formats/default\"";
  folder.write("results.jsonl", lines[0] + "\n" + remarked(lines[1], key, "\"/batch\"") + "\n");
  CommandResult resumed = sweep(kTinySweep, folder.path(), {"--resume"});
  EXPECT_EQ(resumed.exit_code, 2);
  EXPECT_THAT(resumed.err, EndsWith(results + ": line 2 has the settings of another sweep\n"));
  folder.write("results.jsonl",
               remarked(lines[0], "\"settings\":{", "\"settings\":[],\"x\":{") + "\n");
  resumed = sweep(kTinySweep, folder.path(), {"--resume"});
  EXPECT_EQ(resumed.exit_code, 2);
  EXPECT_THAT(resumed.err, EndsWith(results + ": line 1 is no result of a sweep\n"));
}

TEST(Sweep, ChoicesOfAnAxisLeaveOutTheKeysThatTheyDoNotUse) {
  const TemporaryFolder folder;
  json kinds = small_sweep();
  kinds["axes"] = {{{"key", "/chip/dram/device/kind"}, {"values", {"timed", "ideal"}}}};
  const CommandResult result =
      sweep(folder.write("sweep.json", kinds.dump()), folder.path() / "out");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(sorted_lines(folder.path() / "out/results.jsonl").size(), 2u);
}

TEST(Sweep, ResumeNamesALineThatWasChanged) {
  const TemporaryFolder folder;
  const auto results = folder.path() / "results.jsonl";
  ASSERT_EQ(sweep(kTinySweep, folder.path()).exit_code, 0);
  const std::vector<std::string> lines = lines_of(content(results));
  const auto with_third = [&](const std::string& third) {
    std::string text;
    for (std::size_t i = 0; i < lines.size(); ++i) text += (i == 2 ? third : lines[i]) + "\n";
    return text;
  };
  std::string status = lines[2];
  status.replace(status.find("\"ok\""), 4, "\"fine\"");
  std::string settings = lines[2];
  settings.replace(settings.find("\"settings\":{\""), 13, "\"settings\":{\"/x");
  std::string numbers = lines[2];
  numbers.replace(numbers.find("\"cycles\":"), 9, "\"cycles\":1");
  for (const auto& [third, message] :
       {std::pair{status, "line 3 is no result of a sweep"},
        std::pair{settings, "line 3 is not as it was written"},
        std::pair{numbers, "line 3 is not as it was written"},
        std::pair{lines[2].substr(0, 40), "line 3 is no result of a sweep"}}) {
    folder.write("results.jsonl", with_third(third));
    const CommandResult result = sweep(kTinySweep, folder.path(), {"--resume"});
    EXPECT_EQ(result.exit_code, 2) << third;
    EXPECT_EQ(lines_of(result.err).back(), results.string() + ": " + message);
    EXPECT_EQ(content(results), with_third(third));
  }
}

TEST(Sweep, AFaultOfAllPointsIsToldOnceAndAtOnce) {
  const TemporaryFolder folder;
  json sweep_file = small_sweep();
  sweep_file["set"]["/batch"] = 0;
  json seeds = json::array();
  for (int i = 0; i < 1000; ++i) seeds.push_back(i);
  sweep_file["axes"] = {{{"key", "/seed"}, {"values", seeds}},
                        {{"key", "/chip/array/mac_latency_cycles"}, {"values", {1, 2, 3, 4}}}};
  const CommandResult result =
      sweep(folder.write("sweep.json", sweep_file.dump()), folder.path() / "out");
  EXPECT_EQ(result.exit_code, 2);
  const std::string last = lines_of(result.err).back();
  EXPECT_THAT(last, HasSubstr("/set/~1batch: "));
  EXPECT_THAT(last, HasSubstr("points tried, of 4000)"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

TEST(Sweep, ResumeRefusesResultsOfAnotherSweep) {
  const TemporaryFolder folder;
  json other = small_sweep();
  const std::string file = folder.write("sweep.json", other.dump());
  ASSERT_EQ(sweep(file, folder.path() / "out").exit_code, 0);
  const std::string before = content(folder.path() / "out/results.jsonl");
  other["set"]["/batch"] = 2;
  folder.write("sweep.json", other.dump());
  const CommandResult result = sweep(file, folder.path() / "out", {"--resume"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(lines_of(result.err).back(),
            (folder.path() / "out/results.jsonl").string() +
                ": line 1 is of another sweep: its files, or the program's version, have changed "
                "since");
  EXPECT_EQ(content(folder.path() / "out/results.jsonl"), before);
}

TEST(Sweep, NeverWritesOverResults) {
  const TemporaryFolder folder;
  const std::string file = folder.write("sweep.json", small_sweep().dump());
  ASSERT_EQ(sweep(file, folder.path() / "out").exit_code, 0);
  const CommandResult again = sweep(file, folder.path() / "out");
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_EQ(lines_of(again.err).back(), (folder.path() / "out/results.jsonl").string() +
                                            ": is there already: --resume goes on with it");
}

TEST(Sweep, APointThatFailsIsRecordedAndTheOthersGoOn) {
  const TemporaryFolder folder;
  json spec = small_sweep();
  spec["axes"].push_back({{"key", "/chip/buffers/accumulator/bytes"}, {"values", {64, 16384}}});
  const std::string file = folder.write("sweep.json", spec.dump());
  const CommandResult result = sweep(file, folder.path() / "out", {"--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["ok"], 4);
  EXPECT_EQ(json::parse(result.out)["failed"], 4);
  for (const std::string& line : lines_of(content(folder.path() / "out/results.jsonl"))) {
    const json point = json::parse(line);
    const bool small = point["settings"]["/chip/buffers/accumulator/bytes"] == 64;
    EXPECT_EQ(point["status"], small ? "failed" : "ok");
    if (!small) continue;
    EXPECT_THAT(point["error"].get<std::string>(), HasSubstr("no tile fits the buffers"));
  }
  const std::vector<std::string> rows = lines_of(content(folder.path() / "out/results.csv"));
  EXPECT_THAT(rows.at(1), testing::StartsWith("0,failed,0,4,bf16,64,"));
  EXPECT_THAT(rows.at(2), testing::StartsWith("1,ok,"));
  const auto commas = [](const std::string& row) {
    return std::count(row.begin(), row.end(), ',');
  };
  EXPECT_EQ(commas(rows[2]), commas(rows[0]));
}

TEST(Sweep, TheFrontIsMarkedForTheObjectivesOfTheFile) {
  const TemporaryFolder folder;
  json spec = small_sweep();
  spec["objectives"] = {"cycles"};
  const std::string file = folder.write("sweep.json", spec.dump());
  const CommandResult result = sweep(file, folder.path() / "out", {"--json"});
  ASSERT_EQ(result.exit_code, 0);
  const json summary = json::parse(result.out);
  double least = 1e300;
  for (const std::string& line : lines_of(content(folder.path() / "out/results.jsonl"))) {
    least = std::min(least, json::parse(line)["totals"]["cycles"].get<double>());
  }
  ASSERT_EQ(summary["front"].size(), 1u);
  EXPECT_EQ(summary["front"][0]["cycles"], least);
  std::size_t marked = 0;
  for (const std::string& row : lines_of(content(folder.path() / "out/results.csv"))) {
    marked += row.find(",ok,1,") != std::string::npos ? 1 : 0;
  }
  EXPECT_EQ(marked, 1u);
}

TEST(Sweep, ADryRunShowsThePointsAndWritesNothing) {
  const TemporaryFolder folder;
  const CommandResult result =
      sweep(kTinySweep, folder.path() / "out", {"--dry-run", "--json", "--jobs", "2"});
  ASSERT_EQ(result.exit_code, 0);
  const json plan = json::parse(result.out);
  ASSERT_EQ(plan["points"].size(), 12u);
  EXPECT_EQ(plan["points"][0]["settings"]["/formats/default"], "bf16");
  EXPECT_GT(plan["points"][0]["estimate_s"].get<double>(), 0);
  EXPECT_EQ(plan["jobs"], 2);
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

struct BadSweep {
  const char* name;
  const char* patch;  ///< JSON merge patch of small_sweep()
  const char* line;   ///< after the file's name
};

void PrintTo(const BadSweep& sweep, std::ostream* out) { *out << sweep.name; }

class BadSweeps : public testing::TestWithParam<BadSweep> {};

TEST_P(BadSweeps, AreRefusedWithOneLineAndNothingIsWritten) {
  const TemporaryFolder folder;
  json spec = small_sweep();
  spec.merge_patch(json::parse(GetParam().patch));
  const std::string file = folder.write("sweep.json", spec.dump());
  const CommandResult result = sweep(file, folder.path() / "out");
  EXPECT_EQ(result.exit_code, 2);
  std::vector<std::string> lines = lines_of(result.err);
  std::erase_if(lines, [](const std::string& line) { return line.starts_with("checking: "); });
  EXPECT_THAT(lines, ElementsAre(file + GetParam().line));
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

INSTANTIATE_TEST_SUITE_P(
    Sweep, BadSweeps,
    testing::Values(
        BadSweep{"UnknownKeyOfTheFile", R"({"axis": []})",
                 ": /axis: unknown key, did you mean \"axes\"?"},
        BadSweep{"UnknownKeyOfTheRun", R"({"axes": [{"key": "/chip/aray/rows", "values": [4]}]})",
                 ": /axes/0/key: unknown key \"/chip/aray/rows\", did you mean "
                 "\"/chip/array/rows\"?"},
        BadSweep{"UnknownKeyInSet", R"({"set": {"/batches": 4}})",
                 ": /set/~1batches: unknown key \"/batches\", did you mean \"/batch\"?"},
        BadSweep{"EmptyAxis", R"({"axes": [{"key": "/batch", "values": []}]})",
                 ": /axes/0/values: got an array of 0, expected an array of at least 1 values (the "
                 "values, one after another)"},
        BadSweep{"EmptyRange", R"({"axes": [{"key": "/batch", "range": {"from": 4, "to": 3}}]})",
                 ": /axes/0/range/to: got 3, expected at least the 4 of from: the axis is empty"},
        BadSweep{"NoAxes", R"({"axes": []})",
                 ": /axes: got an array of 0, expected an array of 1..64 objects (the grid is "
                 "every combination of their values; the last changes fastest)"},
        BadSweep{"NoValues", R"({"axes": [{"key": "/batch"}]})",
                 ": /axes/0: has none of values, range, powers_of_two and random, expected one"},
        BadSweep{"NoPowerOfTwo",
                 R"({"axes": [{"key": "/batch", "powers_of_two": {"from": 3, "to": 4}}]})",
                 ": /axes/0/powers_of_two/from: got 3, expected a power of two"},
        BadSweep{"UnequalZip",
                 R"({"axes": [{"zip": [{"key": "/batch", "values": [1, 2]},
                                       {"key": "/seed", "values": [1]}]}]})",
                 ": /axes/0/zip/1: has 1 values, the first key of the zip 2"},
        BadSweep{
            "KeyTwice",
            R"({"axes": [{"key": "/batch", "values": [1]}, {"key": "/batch", "values": [2]}]})",
            ": /axes/1/key: \"/batch\" stands twice"},
        BadSweep{"TooManyPoints",
                 R"({"axes": [{"key": "/seed", "range": {"from": 1, "to": 1000000}},
                              {"key": "/batch", "range": {"from": 1, "to": 1000000}}]})",
                 ": /axes: 1000000000000 points, expected at most 1000000 (a sample can be drawn "
                 "from more)"},
        BadSweep{"MorePointsThanIntegers",
                 R"({"axes": [{"key": "/seed", "range": {"from": 1, "to": 1000000}},
                              {"key": "/chip/array/rows", "range": {"from": 1, "to": 1000000}},
                              {"key": "/chip/array/columns", "range": {"from": 1, "to": 1000000}},
                              {"key": "/batch", "range": {"from": 1, "to": 1000000}}]})",
                 ": /axes: more than 2^64 points, expected at most 1000000 (a sample can be drawn "
                 "from more)"},
        BadSweep{"TooLongAxis",
                 R"({"axes": [{"key": "/seed", "range": {"from": 1, "to": 1e12}}],
                     "sample": {"count": 3}})",
                 ": /axes/0: 1000000000000 values, expected at most 1000000"},
        BadSweep{"ValueOutOfRange",
                 R"({"axes": [{"key": "/batch", "values": [0]},
                              {"key": "/chip/array/rows", "values": [4, 8]}]})",
                 ": /axes/0/values/0: got 0, expected 1..65536 (batch size: images, or requests) "
                 "(at /batch=0 "
                 "/chip/array/rows=4 and 1 more points)"},
        BadSweep{"UnknownQuantity",
                 R"({"constraints": [{"quantity": "pess", "is": "<", "value": 3}]})",
                 ": /constraints/0/quantity: got \"pess\", expected one of /chip/array/rows, "
                 "/formats/default, pes, sram_bytes, array_mm2, sram_mm2, area_mm2, "
                 "dram_bytes_per_s, did you mean \"pes\"?"},
        BadSweep{"NoPointLeft", R"({"constraints": [{"quantity": "pes", "is": "<", "value": 3}]})",
                 ": /constraints: no point meets them"},
        BadSweep{"UnknownObjective", R"({"objectives": ["cycle"]})",
                 ": /objectives: got \"cycle\", expected one of cycles, energy, area, edp, "
                 "dram_bytes, bops, quality, luts, did you mean \"cycles\"?"},
        BadSweep{"ComparedText",
                 R"({"axes": [{"key": "/chip/array/rows", "values": [4, 8]},
                              {"key": "/formats/default", "values": ["bf16"]}],
                     "constraints": [{"quantity": "/formats/default", "is": "<", "value": 3}]})",
                 ": /constraints/0: compares \"bf16\", expected a number (at /chip/array/rows=4 "
                 "/formats/default=\"bf16\" and 1 more points)"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace mxsim
