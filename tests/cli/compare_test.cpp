#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "sim/config/load.h"
#include "sim/config/silicon.h"
#include "sim/run/assumption_table.h"
#include "sim/run/comparison.h"
#include "sim/run/run_cache.h"
#include "tests/support/command.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

/// By the program itself, which knows where the configurations lie that came with it.
ProgramResult compare(std::vector<std::string> more, const std::string& formats = "bf16,mxsf") {
  std::vector<std::string> arguments{MXSIM_BUILD "/mxsim", "compare", kTinyCnn, "--formats",
                                     formats};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_program(arguments);
}

json compare_json(std::vector<std::string> more, const std::string& formats = "bf16,mxsf") {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  more.insert(more.end(), {"--out", out});
  const ProgramResult result = compare(more, formats);
  EXPECT_EQ(result.exit_code, 0) << result.out;
  json report = json::parse(std::ifstream(out + "/compare.json"));
  const bool has_table = std::filesystem::exists(out + "/assumptions.csv");
  EXPECT_EQ(has_table, report.contains("assumptions"));
  return report;
}

TEST(Compare, AtEqualAreaOfArraysFillsTheBaselinesSiliconAndSimulatesThatArray) {
  const json pe = compare_json({});
  const json area = compare_json({"--iso", "array", "--iso-edge", "1"});
  EXPECT_EQ(area["equal"], "array");
  EXPECT_EQ(area["runs"][0]["report"], pe["runs"][0]["report"]);
  const json& sized = area["runs"][1];
  const auto rows = sized["array"]["rows"].get<std::int64_t>();
  const auto columns = sized["array"]["columns"].get<std::int64_t>();
  EXPECT_GT(rows * columns, 64);
  EXPECT_LE(sized["area_mm2"].get<double>(), pe["runs"][0]["area_mm2"].get<double>());
  EXPECT_GT(sized["area_mm2"].get<double>(), pe["runs"][1]["area_mm2"].get<double>());
  const CommandResult alone =
      run_command({"run", kTinyCnn, "--json", "--set", "/chip/array/rows=" + std::to_string(rows),
                   "--set", "/chip/array/columns=" + std::to_string(columns)});
  EXPECT_EQ(sized["report"], json::parse(alone.out));
}

TEST(Compare, SettingsOfScalesAreForTheFormatsThatHaveThem) {
  const json plain = compare_json({}, "bf16,mxsf,int8");
  const json dual = compare_json({"--set", "/formats/transpose=dual"}, "bf16,mxsf,int8");
  EXPECT_EQ(dual["runs"][0]["report"], plain["runs"][0]["report"]);
  EXPECT_EQ(dual["runs"][1]["report"]["formats"]["transpose"], "dual");
  const json current = compare_json({"--set", "/formats/tensor_scale=current"}, "bf16,mxsf,int8");
  EXPECT_EQ(current["runs"][1]["report"], plain["runs"][1]["report"]);
  const auto moved = [](const json& run) {
    return run["dram_write_bytes"].get<std::int64_t>() + run["dram_read_bytes"].get<std::int64_t>();
  };
  EXPECT_GT(moved(current["runs"][2]), moved(plain["runs"][2]));
}

TEST(Compare, SettingsOfScalesThatNoFormatHasAreRefused) {
  const auto error = [](const char* set, const char* formats) {
    const ProgramResult result = compare({"--set", set}, formats);
    EXPECT_EQ(result.exit_code, 2);
    return result.out;
  };
  EXPECT_THAT(error("/formats/transpose=dual", "bf16,fp16"),
              HasSubstr("--set: /formats/transpose: one copy serves both orientations: bf16 has no "
                        "shared scale"));
  EXPECT_THAT(error("/formats/tensor_scale=current", "bf16,mxsf"),
              HasSubstr("--set: /formats/tensor_scale: no format of the run has a scale of a whole "
                        "tensor (bf16)"));
}

TEST(Compare, AtEqualAreaKeepsTheMultipleThatIsAskedFor) {
  const json free = compare_json({"--iso", "array", "--iso-edge", "1"});
  const json whole = compare_json({"--iso", "array", "--iso-edge", "4"});
  const auto pes = [](const json& report) {
    const json& array = report["runs"][1]["array"];
    return array["rows"].get<std::int64_t>() * array["columns"].get<std::int64_t>();
  };
  for (const char* edge : {"rows", "columns"}) {
    EXPECT_EQ(whole["runs"][1]["array"][edge].get<std::int64_t>() % 4, 0) << edge;
  }
  EXPECT_LE(pes(whole), pes(free));
  for (const char* iso : {"array", "area"}) {
    const ProgramResult none = compare({"--iso", iso, "--iso-edge", "512"});
    EXPECT_EQ(none.exit_code, 2);
    EXPECT_THAT(none.out, HasSubstr("mm^2 do not hold 512x512 PEs"));
  }
}

std::vector<std::string> options_of(const json& sizes) {
  std::vector<std::string> options{"compare",
                                   kTinyCnn,
                                   "--json",
                                   "--mode",
                                   "infer",
                                   "--formats",
                                   "bf16",
                                   "--set",
                                   "/chip/array/rows=" + sizes["rows"].dump(),
                                   "--set",
                                   "/chip/array/columns=" + sizes["columns"].dump()};
  for (const auto& [name, bytes] : sizes["buffer_bytes"].items()) {
    options.insert(options.end(), {"--set", "/chip/buffers/" + name + "/bytes=" + bytes.dump()});
  }
  return options;
}

TEST(Compare, AtEqualAreaSimulatesTheSizesWithTheLeastEnergyDelayProductOfThoseTried) {
  const json report = compare_json({"--iso", "area", "--iso-edge", "4", "--mode", "infer"});
  EXPECT_EQ(report["equal"], "area");
  for (const json& run : report["runs"]) {
    const json& sizes = run["sizes"];
    const json& best = sizes["tried"][sizes["best"].get<std::size_t>()];
    for (const json& each : sizes["tried"]) {
      EXPECT_EQ(each["rows"].get<int>() % 4, 0);
      EXPECT_EQ(each["columns"].get<int>() % 4, 0);
      if (each["energy_delay_product_js"].is_null()) continue;
      EXPECT_GE(each["energy_delay_product_js"], best["energy_delay_product_js"]);
    }
    EXPECT_EQ(run["energy_delay_product_js"], best["energy_delay_product_js"]);
    EXPECT_EQ(run["array"]["rows"], best["rows"]);
    EXPECT_LE(run["area_mm2"], sizes["silicon_mm2"].get<double>() * (1 + 1e-9));
  }
  // The baseline on its chosen sizes is the run with these sizes.
  const json& sizes = report["runs"][0]["sizes"];
  const CommandResult alone =
      run_command(options_of(sizes["tried"][sizes["best"].get<std::size_t>()]));
  EXPECT_EQ(json::parse(alone.out)["runs"][0]["report"], report["runs"][0]["report"]);
}

/// All sizes that fit, of the format alone; the search's are among them.
TEST(Compare, AtEqualAreaFindsTheBestOfAllSizesOfASmallSpace) {
  const RunConfig run = load_config<RunConfig>(kTinyCnn, {{"/mode", "infer"}});
  RunCache cache;
  const double silicon = silicon_mm2(run);
  double least = HUGE_VAL;
  for (const ChipSizes& sizes : size_space(run, silicon, 4).all()) {
    RunConfig tried = run;
    set_sizes(sizes, tried.chip.array, tried.chip.buffers);
    if (!validate(tried).empty()) continue;
    try {
      const RunReport report = cache.run(tried, "");
      least = std::min(least, report.efficiency.energy_delay_product_js);
    } catch (const InputError&) {
    }
  }
  const Comparison sized = at_equal_cost({{{"mxsf", run}}, 0, EqualCost::kArea, 4}, cache);
  const SizeSearch& search = *sized.configs[0].sizes;
  EXPECT_EQ(search.tried[search.best].value, least);
}

TEST(Compare, RefusesUnknownChoicesBeforeAnythingRuns) {
  const ProgramResult iso = compare({"--iso", "power"});
  EXPECT_EQ(iso.exit_code, 2);
  EXPECT_EQ(iso.out, "--iso: got \"power\", expected one of pe, array, area\n");
  const ProgramResult edge = compare({"--iso-edge", "8"});
  EXPECT_EQ(edge.exit_code, 2);
  EXPECT_EQ(edge.out, "--iso-edge: sizes arrays at equal area, expected --iso area or array\n");
  const ProgramResult colour = compare({"--color", "red"});
  EXPECT_EQ(colour.exit_code, 2);
  EXPECT_EQ(colour.out, "--color: got \"red\", expected one of auto, always, never\n");
  const ProgramResult block = compare({}, "bf16,mxsf:8y8");
  EXPECT_EQ(block.exit_code, 2);
  EXPECT_EQ(block.out,
            "unknown scale rule \"8y8\": floor, up, ceil, midmax, midmax_step or even\n");
}

TEST(Compare, OneFormatInTwoBlockShapesGivesTwoColumns) {
  const json report = compare_json({}, "mxsf,mxsf:1x32");
  ASSERT_EQ(report["runs"].size(), 3u);
  EXPECT_EQ(report["runs"][1]["label"], "mxsf");
  EXPECT_EQ(report["runs"][2]["label"], "mxsf:1x32");
  EXPECT_EQ(report["runs"][2]["format"], "mxsf");
  EXPECT_EQ(report["runs"][2]["report"]["formats"]["block"], "1x32");
}

TEST(Compare, ColoursOnlyATerminalUnlessAsked) {
  EXPECT_THAT(compare({}).out, Not(HasSubstr("\x1b[")));
  const ProgramResult coloured = compare({"--color", "always"});
  EXPECT_THAT(coloured.out, HasSubstr("\x1b[1;32m"));
}

TEST(Sensitivity, ChangesEveryAssumptionOfTheTableAloneAndSortsThemByEffect) {
  const json report = compare_json({"--sensitivity"});
  std::set<std::pair<std::string, std::string>> found;
  const double given = report["runs"][1]["saving"]["energy"].get<double>();
  double before = 1e9;
  for (const json& row : report["assumptions"]) {
    found.emplace(row["assumption"], row["setting"]);
    EXPECT_LE(row["effect"].get<double>(), before);
    before = row["effect"].get<double>();
    if (row.contains("refused")) continue;
    const double saving = row["savings"][0]["energy"].get<double>();
    EXPECT_NEAR(before, std::abs(saving - given), 1e-12) << row;
    EXPECT_LE(row["savings"][0]["energy_low"].get<double>(), saving) << row;
    EXPECT_GE(row["savings"][0]["energy_high"].get<double>(), saving) << row;
  }
  // What the shipped chip and run already assume is no change.
  const std::set<std::pair<std::string, std::string>> given_already{
      {"storage policy", "operands of GEMMs"},
      {"second orientation", "reuse of one copy"},
      {"accumulator", "fp32"},
      {"block shape", "8x8"},
      {"reads by columns", "transposer"},
      {"overlap of groups", "on"},
      {"DRAM device", "LPDDR4-3200"},
      {"node", "45 nm"},
      {"SRAM access", "whole macro"},
      {"SRAM cell", "low standby power"},
      {"accumulator buffer", "one macro, way to the bank included"},
      {"elementwise reads", "the wide copy"},
      {"scale of a tensor", "delayed"},                     // MXSF has scales of blocks alone
      {"scale of a tensor", "current: a pass of its own"},  // the same
      {"elementwise results", "through the accumulator buffer"},
      {"weight update", "after the backward pass"},
      {"equal cost", "equal PEs"},
      {"equal cost", "equal area, the buffers as they are"}};  // 8x8 PEs, whole multiples of 8
  for (const Assumption& row : assumption_table()) {
    const std::pair<std::string, std::string> key{row.name, row.setting};
    EXPECT_NE(found.contains(key), given_already.contains(key)) << row.name << ": " << row.setting;
  }
  EXPECT_TRUE(found.contains({"price: ratio to bf16 of mac e3m2+e2m5 fp32", "x 0.694"}));
}

TEST(Sensitivity, ARowIsTheComparisonWithThatAssumption) {
  const json report = compare_json({"--sensitivity"});
  const auto saving = [&](const std::string& setting) {
    for (const json& row : report["assumptions"]) {
      if (row["setting"] == setting) return row["savings"][0]["energy"];
    }
    return json();
  };
  const auto with = [](std::vector<std::string> options) {
    return compare_json(std::move(options))["runs"][1]["saving"]["energy"];
  };
  EXPECT_EQ(saving("none: quantized on load"), with({"--set", "/formats/storage=none"}));
  EXPECT_EQ(saving("exact_block"), with({"--set", "/chip/array/accumulator=exact_block"}));
  EXPECT_EQ(saving("fused: gradients of weights never reach DRAM"),
            with({"--set", "/update/placement=fused"}));
  EXPECT_EQ(saving("through a buffer of 32 KiB of their own"),
            with({"--set", R"(/chip/buffers/stream={"bytes": 32768})"}));
  EXPECT_EQ(saving("second port"),
            with({"--set", "/chip/buffers/input/transposed_read=second_port", "--set",
                  "/chip/buffers/weight/transposed_read=second_port"}));
  EXPECT_EQ(saving("HBM2"),
            with({"--set", "/chip/dram/device=" MXSIM_ROOT "/configs/dram/hbm2.json"}));
  EXPECT_EQ(saving("22 nm"),
            with({"--set", "/chip/technology=" MXSIM_ROOT "/configs/technology/22nm.json"}));
  EXPECT_EQ(saving("one bank, no way to it"), with({"--set", "/chip/technology/sram/access=bank"}));
}

}  // namespace
}  // namespace mxsim
