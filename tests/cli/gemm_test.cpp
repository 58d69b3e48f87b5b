#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;

json gemm(std::vector<std::string> options) {
  options.insert(options.begin(), "gemm");
  options.emplace_back("--json");
  const CommandResult result = run_command(options);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

TEST(Gemm, ReportsOnePassAsTheTextbookDoes) {
  const json result = gemm({"5", "4", "3", "--array", "8x8"});
  EXPECT_EQ(result["cycles"], 3 + 5 + 3 + 4 - 2);
  EXPECT_EQ(result["macs"], 60);
  EXPECT_DOUBLE_EQ(result["utilization"], 60.0 / (13 * 64));
  EXPECT_EQ(result["folds"], 1);
  EXPECT_EQ(result["sram_reads"]["a"], 15);
  EXPECT_EQ(result["sram_reads"]["b"], 12);
  EXPECT_EQ(result["sram_writes"], 20);
  EXPECT_EQ(result["events"]["mac"], 60);
}

TEST(Gemm, BothFidelitiesPrintTheSameNumbersAndBits) {
  const std::vector<std::string> work{"37",   "29",         "50",       "--array",
                                      "8x4",  "--dataflow", "ws,os,is", "--format",
                                      "mxsf", "--seed",     "7",        "--check"};
  std::vector<std::string> on_pes = work;
  on_pes.insert(on_pes.end(), {"--fidelity", "pe"});
  json tile = gemm(work);
  json pe = gemm(on_pes);
  ASSERT_EQ(tile["runs"].size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(pe["runs"][i]["check"], "equal");
    EXPECT_EQ(pe["runs"][i].at("fidelity"), "pe");
    pe["runs"][i]["fidelity"] = tile["runs"][i]["fidelity"];
  }
  EXPECT_EQ(tile, pe);
}

TEST(Gemm, BitsDependOnTheSeedAndTheFormatAlone) {
  const std::vector<std::string> work{"20", "20", "40"};
  const auto hash = [&](std::initializer_list<std::string> options) {
    std::vector<std::string> all = work;
    all.insert(all.end(), options);
    return gemm(all)["output_hash"].get<std::string>();
  };
  EXPECT_EQ(hash({}), hash({"--weight-buffering", "single", "--mac-latency", "3"}));
  EXPECT_NE(hash({}), hash({"--seed", "2"}));
  EXPECT_NE(hash({}), hash({"--format", "bf16"}));
}

TEST(Gemm, ASweepNamesTheFewestCycles) {
  const json result = gemm({"300", "300", "300", "--array", "8x8,16x16", "--dataflow", "ws,os"});
  ASSERT_EQ(result["runs"].size(), 4u);
  const std::size_t best = result["best"];
  for (const json& run : result["runs"]) {
    EXPECT_GE(run["cycles"], result["runs"][best]["cycles"]);
  }
}

TEST(Gemm, ScaleSimTimingGivesItsStallFreeCycles) {
  // tests/data/scalesim/compute_32x32.csv, ResNet-18 Conv1, os.
  const json result =
      gemm({"12100", "64", "147", "--timing", "scalesim", "--dataflow", "os", "--array", "32x32"});
  EXPECT_EQ(result["cycles"], 158421);
  EXPECT_EQ(result["folds"], 758);
  EXPECT_EQ(result["sram_writes"], 12100 * 64);
  EXPECT_EQ(result["scalesim_output_writes"], 822912);
}

TEST(Gemm, LargeProblemsAreCountedWithoutBits) {
  const json result = gemm({"1000000", "1000000", "1000000"});
  EXPECT_EQ(result["macs"], 1'000'000'000'000'000'000);
  EXPECT_TRUE(result["output_hash"].is_null());
}

TEST(Gemm, TheWaveformShowsEveryPeAndIsTheSameInEveryRun) {
  const TemporaryFolder folder;
  const auto waveform = [&](const std::string& name) {
    const std::string path = (folder.path() / name).string();
    gemm({"5", "2", "3", "--array", "2x2", "--fidelity", "pe", "--vcd", path});
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  };
  const std::string first = waveform("a.vcd");
  EXPECT_EQ(first, waveform("b.vcd"));
  EXPECT_THAT(first, testing::StartsWith("\n$version"));
  EXPECT_THAT(first, testing::HasSubstr("$timescale\n     1 ps\n$end"));
  for (const char* pe : {"pe_0_0", "pe_0_1", "pe_1_0", "pe_1_1"}) {
    EXPECT_THAT(first, testing::HasSubstr("$scope module " + std::string(pe)));
  }
  EXPECT_THAT(first, testing::HasSubstr("partial_sum"));
}

TEST(Gemm, EveryWrongArgumentIsAnErrorThatNamesIt) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"0", "1", "1"}, "M: got 0, expected 1 or more\n"},
      {{"1", "1", "-3"}, "K: got -3, expected 1 or more\n"},
      {{"4000000000", "4000000000", "4"},
       "GEMM 4000000000 x 4000000000 x 4: more than 2^63 - 1 multiply-accumulates\n"},
      {{"9000000000000000000", "1", "1"},
       "GEMM 9000000000000000000 x 1 x 1: more than 2^63 - 1 PE-cycles\n"},
      {{"100000", "1", "100000", "--check"},
       "GEMM 100000 x 1 x 100000: a matrix of more than 2^26 elements is too large to compute\n"},
      {{"1", "1", "1", "--array", "8"},
       "--array: got \"8\", expected ROWSxCOLUMNS, each 1..1024\n"},
      {{"1", "1", "1", "--array", "2000x1"},
       "--array: got \"2000x1\", expected ROWSxCOLUMNS, each 1..1024\n"},
      {{"1", "1", "1", "--dataflow", "wss"},
       "--dataflow: got \"wss\", expected one of ws, os, is, did you mean \"ws\"?\n"},
      {{"1", "1", "1", "--format", "mxfs"}, "unknown format \"mxfs\", did you mean \"mxsf\"?\n"},
      {{"1", "1", "1", "--format", "bf16", "--block", "8x8"},
       "--block: format bf16 has no blocks\n"},
      {{"1", "1", "1", "--timing", "scalesim", "--fidelity", "pe"},
       "--timing scalesim is a closed form without PEs: use --fidelity tile\n"},
      {{"1", "1", "1", "--vcd", "a.vcd"}, "--vcd: needs --fidelity pe and at most 1024 PEs\n"},
      {{"1", "1", "1", "--vcd", "a.vcd", "--dataflow", "ws,os"},
       "--vcd: a sweep has no waveform\n"},
      {{"1", "1", "1", "--array", "512x4", "--fidelity", "pe"},
       "--array 512x4: --fidelity pe goes up to 256x256\n"},
  };
  for (const auto& [options, message] : cases) {
    std::vector<std::string> arguments{"gemm"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_EQ(result.err, message);
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(run_command({"gemm", "1e30", "1", "1"}).exit_code, 2);
  EXPECT_EQ(run_command({"gemm", "1", "1"}).exit_code, 2);
}

}  // namespace
}  // namespace mxsim
