// Every table of every command fits 80 and 120 columns, with 2, 9 and 30 formats.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/cli/command_table.h"
#include "sim/report/text_table.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using Arguments = std::vector<std::string>;

constexpr const char* kTinyCnn = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

/// `count` names, most of them with a block.
Arguments formats(std::size_t count) {
  Arguments names{"bf16",       "mxsf",       "mxfp8_e4m3", "mxfp8_e5m2", "mxint8",
                  "mxfp6_e2m3", "mxfp6_e3m2", "mxfp4_e2m1", "nvfp4",      "fp16"};
  for (const char* block : {":4x4", ":1x16", ":1x64", ":16x16"}) {
    for (const char* format : {"mxsf", "mxfp8_e4m3", "mxint8", "mxfp6_e2m3", "mxfp4_e2m1"}) {
      names.push_back(std::string(format) + block);
    }
  }
  names.resize(count);
  return names;
}

std::string joined(const Arguments& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

Arguments with(Arguments arguments, const Arguments& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

/// Runs it at both widths; `unbroken`: paths and names that no line end may fall into.
void expect_fits(const Arguments& arguments, const Arguments& unbroken = {}) {
  for (const std::size_t width : {80u, 120u}) {
    const CommandResult result =
        run_command(with(arguments, {"--quiet", "--width", std::to_string(width)}));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    ASSERT_FALSE(result.out.empty()) << arguments.front();
    for (const std::string& line : lines_of(result.out)) {
      const bool is_path = std::any_of(
          unbroken.begin(), unbroken.end(),
          [&](const std::string& text) { return line.find(text) != std::string::npos; });
      if (is_path) continue;
      EXPECT_LE(width_of(line), width) << arguments.front() << ": " << line;
    }
  }
}

class Widths : public ::testing::TestWithParam<std::size_t> {
 protected:
  Arguments names() const { return formats(GetParam()); }
  std::string list() const { return joined(names()); }
};
INSTANTIATE_TEST_SUITE_P(Formats, Widths, ::testing::Values(2, 9, 30),
                         ::testing::PrintToStringParamName());

TEST_P(Widths, OfCompare) {
  const Arguments compare{"compare", kTinyCnn, "--mode", "infer", "--formats", list()};
  expect_fits(compare);
  expect_fits(with(compare, {"--assumptions"}));
  expect_fits(with(compare, {"--skip", "keep,remove"}));
  expect_fits(with(compare, {"--dry-run"}));
}

TEST_P(Widths, OfCompareWithEveryAssumptionChanged) {
  // Hundreds of simulations, so of a small network.
  constexpr const char* kTwoLayers = MXSIM_ROOT "/tests/data/hand/chained_run.json";
  expect_fits({"compare", kTwoLayers, "--formats", list(), "--sensitivity"});
}

TEST_P(Widths, OfFormats) {
  expect_fits(with({"formats"}, names()));
  expect_fits(with({"formats", "--on", MXSIM_ROOT "/tests/data/import/mnist_conv.onnx"}, names()));
  Arguments integers{"formats", "--fpga"};
  for (std::size_t i = 0; i < GetParam(); ++i) {
    integers.push_back("e" + std::to_string(1 + i % 4) + "m" + std::to_string(1 + i / 8));
  }
  expect_fits(integers);
}

json sweep_of(const Arguments& names) {
  return {{"base", std::filesystem::absolute(kTinyCnn).string()},
          {"set", {{"/batch", 1}, {"/mode", "infer"}}},
          {"axes",
           {{{"key", "/formats/default"}, {"values", names}},
            {{"key", "/formats/overrides"},
             {"values",
              {json::array(), json::array({{{"layers", "conv1|conv2|a_layer_with_a_long_name.*"},
                                            {"weights", "mxfp6_e2m3"},
                                            {"activations", "mxfp8_e4m3"}}})}}},
            {{"key", "/chip/dram/scheduler/prepare_next_turn"}, {"values", {true}}},
            {{"key", "/gradient_accumulation_steps"}, {"values", {1}}}}},
          {"objectives", {"cycles", "energy", "area", "edp", "dram_bytes", "bops"}}};
}

TEST_P(Widths, OfSweepAndExplore) {
  const TemporaryFolder folder;
  json file = sweep_of(names());
  const std::string sweep = folder.write("sweep.json", file.dump());
  const std::string out = (folder.path() / "out").string();
  expect_fits({"sweep", sweep, "--dry-run"});
  ASSERT_EQ(run_command({"sweep", sweep, "--out", out}).exit_code, 0);
  expect_fits({"sweep", sweep, "--out", out, "--resume"}, {out});
  file["search"] = {{"population", 8}, {"generations", 2}};
  const std::string explore = folder.write("explore.json", file.dump());
  const std::string found = (folder.path() / "found").string();
  expect_fits({"explore", explore, "--dry-run"});
  ASSERT_EQ(run_command({"explore", explore, "--out", found}).exit_code, 0);
  expect_fits({"explore", explore, "--out", found, "--resume"}, {found});
}

TEST_P(Widths, OfTrainAndEval) {
  const TemporaryFolder folder;
  testing::write_quarters(folder, 32, 8);
  const std::string run = testing::write_quarters_run(folder);
  const std::string data = folder.path().string();
  const std::string out = (folder.path() / "trained").string();
  ASSERT_EQ(run_command({"train", run, "--data", data, "--out", out, "--formats", list(),
                         "--target", "0.5", "--quiet"})
                .exit_code,
            0);
  expect_fits({"train", run, "--data", data, "--out", out, "--formats", list(), "--target", "0.5",
               "--resume"});
  expect_fits(
      {"eval", run, "--data", data, "--weights", out + "/bf16-seed1.npz", "--formats", list()});
}

TEST_P(Widths, OfGemm) {
  std::string arrays;
  for (std::size_t i = 1; i <= GetParam(); ++i) {
    arrays += (i == 1 ? "" : ",") + std::to_string(i) + "x" + std::to_string(4 * i);
  }
  expect_fits({"gemm", "5120", "2560", "10240", "--array", arrays, "--dataflow", "ws,os,is"});
}

TEST(Width, OfTablesWithoutFormats) {
  const std::string conv = MXSIM_ROOT "/tests/data/import/mnist_conv.onnx";
  expect_fits({"formats"});
  expect_fits({"formats", "--fpga"});
  expect_fits({"gemm", "64", "64", "64", "--check"});
  expect_fits({"dram", "--device", MXSIM_ROOT "/configs/dram/hbm2.json", "--traffic", "random:2:1",
               "--requests", "500"});
  expect_fits({"run", kTinyCnn, "--explain", "conv1"});
  expect_fits({"run", kTinyCnn, "--dry-run"});
  expect_fits({"run", kTinyCnn, "--skip", "shorten", "--assumptions"});
  expect_fits({"run", kTinyCnn, "--workload", MXSIM_ROOT "/traces/tiny_gpt2.json", "--mode",
               "infer", "--prompt", "5", "--generate", "3"});
  expect_fits({"check", kTinyCnn, MXSIM_ROOT "/configs/sweeps/tiny_cnn.json"});
  expect_fits({"trace", "show", MXSIM_ROOT "/traces/resnet50.json"});
  expect_fits({"trace", "show", MXSIM_ROOT "/traces/gpt2.json"});
  expect_fits({"verify", conv});
  expect_fits({"describe", "--operands", kTinyCnn});
}

TEST(Width, OfTheKeysOfEveryKindOfFile) {
  for (const char* kind : {"run", "sweep", "explore", "chip", "device", "technology", "trace"}) {
    expect_fits({"describe", "--file", kind});
  }
}

TEST(Width, OfHelp) {
  for (const std::string& line : lines_of(run_command({"--help"}).out)) {
    EXPECT_LE(width_of(line), 80u) << line;
  }
  for (const CliCommand& command : command_table()) {
    for (const std::string& line : lines_of(run_command({command.name, "--help"}).out)) {
      if (line.ends_with(command.example)) continue;  // to be copied
      EXPECT_LE(width_of(line), 80u) << command.name << ": " << line;
    }
  }
}

}  // namespace
}  // namespace mxsim
