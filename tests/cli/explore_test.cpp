#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kTiny = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

/// 36 points of the small CNN, 6 of them with more PEs than allowed.
json space() {
  return {{"base", std::filesystem::absolute(kTiny).string()},
          {"set", {{"/batch", 1}, {"/mode", "infer"}}},
          {"axes",
           {{{"key", "/chip/array/rows"}, {"values", {4, 8, 16}}},
            {{"key", "/chip/array/columns"}, {"values", {4, 8}}},
            {{"key", "/chip/dma/bytes_per_cycle"}, {"values", {4, 8, 16}}},
            {{"key", "/formats/default"}, {"values", {"bf16", "mxsf"}}}}},
          {"constraints", {{{"quantity", "pes"}, {"is", "<="}, {"value", 100}}}},
          {"objectives", {"cycles", "energy", "area"}}};
}

json exploration(json search) {
  json file = space();
  search.emplace("population", 8);
  file["search"] = std::move(search);
  return file;
}

CommandResult explore(const TemporaryFolder& folder, const json& file, const std::string& out,
                      std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"explore", folder.write("explore.json", file.dump()), "--out",
                                     (folder.path() / out).string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_command(arguments);
}

using Front = std::set<std::vector<double>>;

Front front_of(const CommandResult& result) {
  EXPECT_EQ(result.exit_code, 0) << result.err;
  Front front;
  const json summary = json::parse(result.out);
  for (const json& each : summary["front"]) {
    front.insert(std::vector<double>{each["cycles"], each["energy"], each["area"]});
  }
  return front;
}

TEST(Explore, FindsTheFrontOfTheWholeSpaceWhenTheBudgetCoversIt) {
  const TemporaryFolder folder;
  const CommandResult found = explore(folder, exploration({{"generations", 500}}), "e", {"--json"});
  const json summary = json::parse(found.out);
  EXPECT_EQ(summary["points"], 36);
  EXPECT_EQ(summary["ok"], 30);
  EXPECT_EQ(summary["left_out"], 6);
  const CommandResult all = run_command({"sweep", folder.write("sweep.json", space().dump()),
                                         "--out", (folder.path() / "s").string(), "--json"});
  EXPECT_GE(front_of(all).size(), 2u);
  EXPECT_EQ(front_of(found), front_of(all));
}

TEST(Explore, ResultsAreTheSameForAnyNumberOfJobsAndNoPointIsRunTwice) {
  const TemporaryFolder folder;
  const json file = exploration({{"generations", 4}, {"seed", 3}});
  for (const std::string jobs : {"1", "2", "5"}) {
    ASSERT_EQ(explore(folder, file, jobs, {"--jobs", jobs}).exit_code, 0);
    for (const char* name : {"results.csv", "hypervolume.csv"}) {
      EXPECT_EQ(content(folder.path() / jobs / name), content(folder.path() / "1" / name));
    }
    EXPECT_EQ(sorted_lines(folder.path() / jobs / "results.jsonl"),
              sorted_lines(folder.path() / "1/results.jsonl"));
  }
  std::set<std::string> settings;
  const std::vector<std::string> lines = sorted_lines(folder.path() / "1/results.jsonl");
  for (const std::string& line : lines) settings.insert(json::parse(line)["settings"].dump());
  EXPECT_EQ(settings.size(), lines.size());
}

TEST(Explore, ResumesFromAnyPartOfItsResultsAsIfItHadNeverEnded) {
  const TemporaryFolder folder;
  const json file = exploration({{"generations", 4}, {"seed", 5}});
  ASSERT_EQ(explore(folder, file, "whole").exit_code, 0);
  const std::vector<std::string> lines = sorted_lines(folder.path() / "whole/results.jsonl");
  ASSERT_GE(lines.size(), 15u);
  std::filesystem::create_directories(folder.path() / "part");
  for (const std::size_t kept : {std::size_t{0}, std::size_t{5}, lines.size() - 1}) {
    // What is kept comes from the whole search, in an order in which workers may have ended.
    std::string part;
    for (std::size_t i = 0; i < kept; ++i) part += lines[(i * 7) % lines.size()] + "\n";
    folder.write("part/results.jsonl", part + lines[kept].substr(0, 50));
    ASSERT_EQ(explore(folder, file, "part", {"--resume"}).exit_code, 0);
    EXPECT_EQ(sorted_lines(folder.path() / "part/results.jsonl"), lines);
    for (const char* name : {"results.csv", "hypervolume.csv"}) {
      EXPECT_EQ(content(folder.path() / "part" / name), content(folder.path() / "whole" / name));
    }
  }
}

TEST(Explore, GoesOnWithALargerBudgetWhereASmallerOneEnded) {
  const TemporaryFolder folder;
  ASSERT_EQ(explore(folder, exploration({{"evaluations", 21}}), "whole").exit_code, 0);
  ASSERT_EQ(explore(folder, exploration({{"evaluations", 10}}), "parts").exit_code, 0);
  const auto runs = [&](const char* out) {
    const std::vector<std::string> lines = sorted_lines(folder.path() / out / "results.jsonl");
    return std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
      return json::parse(line)["status"] != "left_out";
    });
  };
  EXPECT_EQ(runs("parts"), 10);
  ASSERT_EQ(explore(folder, exploration({{"evaluations", 21}}), "parts", {"--resume"}).exit_code,
            0);
  EXPECT_EQ(runs("parts"), 21);
  EXPECT_EQ(content(folder.path() / "parts/hypervolume.csv"),
            content(folder.path() / "whole/hypervolume.csv"));
}

TEST(Explore, TheHypervolumeNeverFallsAndStatesItsBox) {
  const TemporaryFolder folder;
  json file = exploration({{"generations", 6}});
  file["search"]["ideal"] = {0, 0, 0};
  file["search"]["reference"] = {60000, 1e8, 2};
  ASSERT_EQ(explore(folder, file, "e").exit_code, 0);
  const std::vector<std::string> rows = lines_of(content(folder.path() / "e/hypervolume.csv"));
  EXPECT_EQ(rows.front(),
            "evaluation,point,generation,front,hypervolume,ideal/cycles,reference/cycles,"
            "ideal/energy,reference/energy,ideal/area,reference/area");
  double before = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    std::vector<std::string> cells;
    std::istringstream row(rows[i]);
    for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
    EXPECT_EQ(cells[0], std::to_string(i));
    EXPECT_GE(std::stod(cells[4]), before);
    before = std::stod(cells[4]);
    EXPECT_THAT(rows[i], HasSubstr(",0,60000,0,100000000,0,2"));
  }
  EXPECT_GT(before, 0.1);
  EXPECT_LT(before, 1);
}

TEST(Explore, PointsThatFailAreRecordedAndTheSearchGoesOn) {
  const TemporaryFolder folder;
  json file = exploration({{"generations", 200}});
  file["axes"][0]["values"] = {4, 8, 5000};
  file["constraints"] = json::array();
  const json summary = json::parse(explore(folder, file, "e", {"--json"}).out);
  EXPECT_EQ(summary["points"], 36);
  EXPECT_EQ(summary["failed"], 12);
  EXPECT_EQ(summary["ok"], 24);
  EXPECT_THAT(content(folder.path() / "e/results.csv"),
              HasSubstr("/axes/0/values/2: got 5000, expected 1..1024 (PE rows)"));
}

TEST(Explore, EachLayerHasAFormatOutOfTheList) {
  const TemporaryFolder folder;
  const json file{{"base", std::filesystem::absolute(kTiny).string()},
                  {"set", {{"/batch", 1}, {"/mode", "infer"}}},
                  {"layer_formats",
                   {{{"layers", {"conv1", "layer1\\..*", "layer2\\..*|fc"}},
                     {"formats", {"mxfp8_e4m3", "mxfp4_e2m1"}}}}},
                  {"quality", {{"layers", {{{"layers", ".*"}}}}}},
                  {"objectives", {"bops", "quality"}},
                  {"search", {{"population", 8}, {"generations", 100}}}};
  const CommandResult result = explore(folder, file, "e", {"--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["ok"], 8);
  double macs = 0;
  for (const std::string& line : sorted_lines(folder.path() / "e/results.jsonl")) {
    const json point = json::parse(line);
    ASSERT_EQ(point["layer_formats"].size(), 3u);
    std::set<std::string> formats;
    for (const auto& [layer, format] : point["layer_formats"].items()) formats.insert(format);
    macs = point["totals"]["macs"];
    const double bops = point["totals"]["bops"];
    if (formats.size() == 2) {
      EXPECT_GT(bops, macs * 16);
      EXPECT_LT(bops, macs * 64);
    } else {
      EXPECT_EQ(bops, macs * (formats.contains("mxfp8_e4m3") ? 64 : 16));
    }
  }
  EXPECT_GT(macs, 0);
}

TEST(Explore, WithoutPatternsEveryLayerWithAGemmIsAnAxis) {
  const TemporaryFolder folder;
  const json file{
      {"base", std::filesystem::absolute(kTiny).string()},
      {"layer_formats", {{{"formats", {"mxsf", "mxfp4_e2m1"}}, {"roles", {"weights"}}}}},
      {"objectives", {"energy", "bops"}},
      {"search", json::object()}};
  const std::string path = folder.write("explore.json", file.dump());
  const json plan = json::parse(run_command({"explore", path, "--dry-run", "--json"}).out);
  EXPECT_EQ(plan["points"], "128");
  EXPECT_LE(plan["most_runs"], 128);
  EXPECT_GT(plan["estimate_s"].get<double>(), 0);
  ASSERT_EQ(plan["axes"].size(), 7u);
  EXPECT_EQ(plan["axes"][6]["settings"][1], "/formats/overrides/6/weights=\"mxfp4_e2m1\"");
}

struct BadExploration {
  const char* name;
  json change;  ///< merged into a good file
  const char* message;
};

std::ostream& operator<<(std::ostream& out, const BadExploration& bad) { return out << bad.name; }

class BadExplorations : public testing::TestWithParam<BadExploration> {};

TEST_P(BadExplorations, AreRefusedInOneLineAndNothingIsWritten) {
  const TemporaryFolder folder;
  json file = exploration({{"generations", 1}});
  file.merge_patch(GetParam().change);
  const CommandResult result = explore(folder, file, "out");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(lines_of(result.err).size(), 1u) << result.err;
  EXPECT_THAT(result.err, HasSubstr(GetParam().message));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadExplorations,
    testing::Values(
        BadExploration{"NoSearch", {{"search", nullptr}}, ": /search: missing"},
        BadExploration{"OddPopulation",
                       {{"search", {{"population", 10}}}},
                       ": /search/population: got 10, expected a multiple of 4"},
        BadExploration{"OneObjective",
                       {{"objectives", {"cycles"}}},
                       ": /objectives: one objective, a search for a front needs two or more"},
        BadExploration{"QualityWithoutNoise",
                       {{"objectives", {"cycles", "quality"}}},
                       ": /objectives: quality needs the noises of layers in /quality/layers"},
        BadExploration{"OtherWork",
                       {{"axes", {{{"key", "/batch"}, {"values", {1, 2}}}}}},
                       ": /axes/0/key: \"/batch\" changes the work: a search compares points that "
                       "do the same work"},
        BadExploration{"ShortReference",
                       {{"search", {{"reference", {1, 2}}}}},
                       ": /search/reference: has 2 values, there are 3 objectives"},
        BadExploration{"Corners",
                       {{"search", {{"reference", {1, 2, 3}}, {"ideal", {0, 2, 0}}}}},
                       ": /search/ideal/1: got 2, expected less than the 2 of reference"},
        BadExploration{"UnknownFormat",
                       {{"layer_formats", {{{"formats", {"mxsf", "mxfs"}}}}}},
                       ": /layer_formats/0/formats/1: unknown format \"mxfs\", did you mean "
                       "\"mxsf\"?"},
        BadExploration{"BadRole",
                       {{"layer_formats", {{{"formats", {"mxsf"}}, {"roles", {"bias"}}}}}},
                       ": /layer_formats/0/roles/0: got \"bias\", expected one of weights, "
                       "activations, gradients"},
        BadExploration{
            "BadSqnr",
            {{"quality", {{"layers", {{{"layers", ".*"}, {"sqnr_db", {{"mxsf", "loud"}}}}}}}}},
            ": /quality/layers/0/sqnr_db: \"mxsf\": got \"loud\", expected a number of "
            "dB"}),
    [](const auto& info) { return info.param.name; });

TEST(Explore, ResultsThatAreThereAlreadyAreNotOverwritten) {
  const TemporaryFolder folder;
  const json file = exploration({{"generations", 0}});
  ASSERT_EQ(explore(folder, file, "e").exit_code, 0);
  EXPECT_EQ(explore(folder, file, "e").exit_code, 2);
  const CommandResult other =
      explore(folder, exploration({{"generations", 0}, {"seed", 9}}), "e", {"--resume"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_THAT(other.err, HasSubstr("is of another sweep"));
}

}  // namespace
}  // namespace mxsim
