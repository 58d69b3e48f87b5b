#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;

/// `mxsim gemm` with the shipped chip.
CommandResult run_gemm(std::vector<std::string> options) {
  options.insert(options.begin(), "gemm");
  options.insert(options.end(), {"--chip", MXSIM_ROOT "/configs/chips/mxsafe-32x32.json"});
  return run_command(options);
}

json gemm(std::vector<std::string> options) {
  options.emplace_back("--json");
  const CommandResult result = run_gemm(options);
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

/// Runs a sweep of several arrays in both fidelities; all that they print must be the same.
void expect_equal_fidelities(std::vector<std::string> work) {
  work.emplace_back("--check");
  std::vector<std::string> on_pes = work;
  on_pes.insert(on_pes.end(), {"--fidelity", "pe"});
  json tile = gemm(work);
  json pe = gemm(on_pes);
  ASSERT_GT(tile["runs"].size(), 1u);
  ASSERT_EQ(tile["runs"].size(), pe["runs"].size());
  for (std::size_t i = 0; i < tile["runs"].size(); ++i) {
    EXPECT_EQ(pe["runs"][i]["check"], "equal");
    EXPECT_EQ(pe["runs"][i].at("fidelity"), "pe");
    pe["runs"][i]["fidelity"] = tile["runs"][i]["fidelity"];
  }
  EXPECT_EQ(tile, pe);
}

TEST(Gemm, BothFidelitiesPrintTheSameNumbersAndBits) {
  expect_equal_fidelities({"37", "29", "50", "--array", "8x4", "--dataflow", "ws,os,is", "--format",
                           "mxsf", "--seed", "7"});
}

TEST(Gemm, BothFidelitiesAgreeOnOneRowOneColumnAndTheLargestArrayOfPes) {
  expect_equal_fidelities({"70", "60", "90", "--array", "1x1,1x256,256x1,13x5", "--dataflow",
                           "ws,os,is", "--format", "mxfp8_e4m3", "--accumulator", "exact_block"});
  expect_equal_fidelities(
      {"20", "300", "280", "--array", "256x256", "--dataflow", "ws,os", "--accumulator", "bf16"});
}

TEST(Gemm, TheLargestArrayOfFidelityTileGivesTheReferencesBits) {
  const json result = gemm({"90", "1100", "1030", "--array", "1024x1024", "--check"});
  EXPECT_EQ(result["check"], "equal");
  EXPECT_EQ(result["folds"], 4);
}

/// The table of configs/guide/results.md: one GEMM seen in several ways.
TEST(Gemm, OneProblemSeenFromSeveralSides) {
  const auto cycles = [](std::vector<std::string> options) {
    options.insert(options.begin(), {"512", "256", "1024"});
    return gemm(options)["cycles"].get<std::int64_t>();
  };
  const std::int64_t passes = 1024 / 32 * 256 / 32;
  const std::int64_t edges = 32 + 62;  // first weight load, skew and drain
  EXPECT_EQ(cycles({}), passes * 512 + edges);
  EXPECT_EQ(cycles({"--weight-buffering", "single"}), passes * 512 + edges + (passes - 1) * 32);
  EXPECT_EQ(cycles({"--dot-product", "8:4"}), passes / 4 * 512 + edges);
  EXPECT_EQ(cycles({"--grid", "2x2"}), passes / 2 * 256 + edges);
  EXPECT_EQ(cycles({"--timing", "scalesim"}), passes * (2 * 32 + 32 + 512 - 2) - 1);
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

/// KU Leuven's MX tensor core (arXiv 2511.06313): 8x8 PEs take an 8x8x8 block in 8, 2 or 1 cycles
/// for MXINT8, MXFP8 and MXFP6, or MXFP4: 64, 256 and 512 GOPS at 500 MHz.
TEST(Gemm, DotProductsGiveThePublishedRatesOfAnMxTensorCore) {
  const std::vector<std::pair<std::string, std::int64_t>> rates{
      {"mxint8", 8},     {"mxfp8_e4m3", 2}, {"mxfp8_e5m2", 2},
      {"mxfp6_e3m2", 2}, {"mxfp6_e2m3", 2}, {"mxfp4_e2m1", 1}};
  for (const auto& [format, cycles_a_block] : rates) {
    const auto cycles = [&](std::int64_t k) {
      return gemm({"8", "8", std::to_string(k), "--array", "8x8", "--dataflow", "os", "--format",
                   format, "--block", "8x8", "--dot-product", "2:8,4:4,8:1"})["cycles"]
          .get<std::int64_t>();
    };
    EXPECT_EQ(cycles(1024 + 8) - cycles(1024), cycles_a_block) << format;
    const double gops = 2 * 8 * 8 * 8 / static_cast<double>(cycles_a_block) * 0.5;
    EXPECT_EQ(gops, cycles_a_block == 8 ? 64 : cycles_a_block == 2 ? 256 : 512) << format;
    const json result = gemm({"64", "64", "8192", "--array", "8x8", "--dataflow", "os", "--format",
                              format, "--dot-product", "2:8,4:4,8:1"});
    EXPECT_EQ(result["dot_product_width"], 8 / cycles_a_block);
    EXPECT_LE(result["utilization"], 1);
    EXPECT_GT(result["utilization"], 0.97);
  }
}

TEST(Gemm, EveryAccumulatorGridAndWidthComposesAndEqualsTheReferenceInBothFidelities) {
  const std::vector<std::vector<std::string>> options{
      {"--accumulator", "bf16"},
      {"--accumulator", "bf16", "--accumulator-chunk", "16", "--grid", "2x3"},
      {"--accumulator", "fixed", "--accumulator-bits", "22", "--mac-latency", "3"},
      {"--accumulator", "fixed", "--dot-product", "8:8", "--weight-buffering", "single"},
      {"--dot-product", "8:4", "--grid", "3x1", "--mac-latency", "2", "--zero-gating"},
      {"--b-format", "mxfp4_e2m1", "--accumulator", "exact_block"},
      {"--b-format", "bf16", "--dot-product", "8:4"},
  };
  for (std::vector<std::string> more : options) {
    std::vector<std::string> work{"19",  "23",         "70",       "--array",
                                  "6x4", "--dataflow", "ws,os,is", "--check"};
    work.insert(work.end(), more.begin(), more.end());
    json tile = gemm(work);
    work.insert(work.end(), {"--fidelity", "pe"});
    json pe = gemm(work);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(pe["runs"][i]["check"], "equal") << more[1];
      pe["runs"][i]["fidelity"] = tile["runs"][i]["fidelity"];
    }
    EXPECT_EQ(tile, pe) << more[1];
  }
}

TEST(Gemm, AGridSharesTheWorkAndGivesTheBitsOfOneArray) {
  const json one = gemm({"128", "128", "64", "--array", "16x16"});
  const json four = gemm({"128", "128", "64", "--array", "16x16", "--grid", "2x2"});
  EXPECT_EQ(four["output_hash"], one["output_hash"]);
  EXPECT_EQ(four["macs"], one["macs"]);
  EXPECT_EQ(four["grid"], "2x2");
  EXPECT_LT(four["cycles"].get<double>(), one["cycles"].get<double>() / 3);
  const json share = gemm({"64", "64", "64", "--array", "16x16"});
  EXPECT_EQ(four["cycles"], share["cycles"]);
  EXPECT_EQ(four["sram_reads"]["a"], 4 * share["sram_reads"]["a"].get<int>());
}

TEST(Gemm, EnergyIsTheSumOfArraysBuffersAndStandingPower) {
  const json result = gemm({"128", "96", "64"});
  const json& energy = result["energy_pj"];
  const double total =
      energy["pe"].get<double>() + energy["sram"].get<double>() + energy["static"].get<double>();
  EXPECT_NEAR(energy["total"], total, 1e-9 * total);
  EXPECT_LT(energy["low"], energy["total"]);
  EXPECT_GT(energy["high"], energy["total"]);
  // A row of 32 weights is one word; a result takes four bytes of words of 32.
  EXPECT_EQ(result["sram_words"]["b_read"], 64 * 3);
  EXPECT_EQ(result["sram_words"]["c_write"], 2 * 128 * 3);
  const auto of = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"128", "96", "64"});
    return gemm(options)["energy_pj"];
  };
  EXPECT_LT(of({"--accumulator", "bf16"})["sram"], energy["sram"]);
  EXPECT_GT(of({"--format", "bf16"})["pe"], energy["pe"]);
}

TEST(Gemm, ASweepPrintsATableAndTheBest) {
  const CommandResult result = run_gemm(
      {"96", "96", "96", "--array", "8x8,16x16,32x32", "--dataflow", "ws,os,is", "--width", "200"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1 + 9 + 2);
  EXPECT_THAT(result.out, testing::HasSubstr("fewest cycles: 32x32 "));
  EXPECT_THAT(result.out, testing::HasSubstr("least energy: "));
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
    return content(path);
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

TEST(Gemm, NumbersThatDoNotFitTheirTypeAreErrors) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
      {{"1", "1", "99999999999999999999"},
       "SIZE: got \"99999999999999999999\", expected a whole number\n"
       "Run with --help for more information.\n"},
      {{"1", "1", "1.5"},
       "SIZE: got \"1.5\", expected a whole number\nRun with --help for more information.\n"},
      {{"1", "1", "1", "--seed", "-3"},
       "--seed: got \"-3\", expected a whole number of 0 or more\n"
       "Run with --help for more information.\n"},
  };
  for (const auto& [options, message] : cases) {
    const CommandResult result = run_gemm(options);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_EQ(result.err, message);
  }
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
      {{"1", "1", "1", "--vcd", "a.vcd"},
       "--vcd: needs fidelity pe and at most 1024 PEs, got fidelity tile and 1024\n"},
      {{"1", "1", "1", "--vcd", "a.vcd", "--dataflow", "ws,os"},
       "--vcd: a sweep has no waveform\n"},
      {{"1", "1", "1", "--array", "32x32", "--grid", "1x16", "--fidelity", "pe"},
       "--array 32x512: --fidelity pe goes up to 256x256 PEs in all\n"},
      {{"1", "1", "1", "--grid", "0x2"},
       "--grid: got \"0x2\", expected ROWSxCOLUMNS, each 1..256\n"},
      {{"1", "1", "1", "--accumulator", "bf32"},
       "--accumulator: got \"bf32\", expected one of fp32, bf16, exact_block, fixed\n"},
      {{"1", "1", "1", "--accumulator-bits", "20"},
       "--accumulator-bits: only accumulator \"fixed\" has a width\n"},
      {{"1", "1", "1", "--accumulator", "fixed", "--accumulator-bits", "99"},
       "--accumulator-bits: got 99, expected 0 or 8..63\n"},
      {{"1", "1", "1", "--accumulator", "fixed", "--accumulator-chunk", "8"},
       "--accumulator-chunk: only accumulators \"fp32\" and \"bf16\" have chunks\n"},
      {{"1", "1", "1", "--dot-product", "8"},
       "--dot-product: got \"8\", expected BITS:PRODUCTS, 1..24 and 1..16\n"},
      {{"1", "1", "1", "--dot-product", "4:4,2:8"},
       "--dot-product: expected rows in order of significand_bits, the narrowest first\n"},
      {{"1", "1", "1", "--dot-product", "4:4,8:3", "--accumulator-chunk", "4"},
       "--accumulator-chunk: got 4, expected a multiple of the dot product width 3\n"},
      {{"8", "8", "262144", "--format", "e4m9,e8m0_t0d1", "--accumulator", "exact_block"},
       "--accumulator: exact sums of 262144 products of e4m9,e8m0_t0d1 and e4m9,e8m0_t0d1 have 65 "
       "bits, more than 63\n"},
      {{"1", "1", "1", "--b-format", "mxsff"},
       "unknown format \"mxsff\", did you mean \"mxsf\"?\n"},
      {{"1", "1", "1", "--array", "512x4", "--fidelity", "pe"},
       "--array 512x4: --fidelity pe goes up to 256x256 PEs in all\n"},
  };
  for (const auto& [options, message] : cases) {
    const CommandResult result = run_gemm(options);
    EXPECT_EQ(result.exit_code, 2) << message;
    EXPECT_EQ(result.err, message);
    EXPECT_EQ(result.out, "");
  }
  EXPECT_EQ(run_gemm({"1e30", "1", "1"}).exit_code, 2);
  EXPECT_EQ(run_gemm({"1", "1"}).exit_code, 2);
}

}  // namespace
}  // namespace mxsim
