#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "sim/config/trace_reader.h"
#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::HasSubstr;

const std::string kData = MXSIM_TEST_DATA "/import/";

TEST(TraceImport, WritesATraceThatStatesItsSizeAndIsGood) {
  const TemporaryFolder folder;
  const std::string trace = (folder.path() / "t.json").string();
  const CommandResult result =
      run_command({"trace", "import", kData + "resnet18_shapes.onnx", "-o", trace});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("49 layers, 11684712 parameters, 1814073344 MACs\n"));
  EXPECT_EQ(load_trace(trace).macs, 1814073344);
  EXPECT_EQ(run_command({"trace", "check", trace}).exit_code, 0);
}

TEST(TraceImport, OpenSizesAreOptions) {
  const TemporaryFolder folder;
  const std::string trace = (folder.path() / "t.json").string();
  const std::string model = kData + "made/encoder.onnx";
  EXPECT_EQ(run_command({"trace", "import", model, "-o", trace}).err,
            model + ": input \"x\": axis 1 has the open size \"seq\": state --dim seq=N\n");
  EXPECT_FALSE(std::filesystem::exists(trace));
  EXPECT_EQ(
      run_command({"trace", "import", model, "-o", trace, "--dim", "batch=1,seq=6"}).exit_code, 0);
  EXPECT_EQ(run_command({"trace", "import", model, "-o", trace, "--dim", "seq"}).err,
            "--dim: got \"seq\", expected NAME=N with sizes of 1..4294967296\n");
}

TEST(TraceImport, ARunTakesTheFilesAsTheyAre) {
  const auto cycles = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"run",     MXSIM_ROOT "/configs/runs/resnet18_infer.json",
                                       "--batch", "1",
                                       "--json",  "--workload"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0
               ? nlohmann::json::parse(result.out)["totals"]["cycles"].get<std::int64_t>()
               : 0;
  };
  const TemporaryFolder folder;
  const std::string trace = (folder.path() / "t.json").string();
  run_command({"trace", "import", kData + "mnist_conv.onnx", "-o", trace});
  EXPECT_GT(cycles({trace}), 0);
  EXPECT_EQ(cycles({trace}), cycles({kData + "mnist_conv.onnx"}));
  EXPECT_GT(cycles({kData + "made/encoder.onnx", "--dim", "seq=9"}),
            cycles({kData + "made/encoder.onnx", "--dim", "seq=6"}));
}

/// Every kind that an import brings keeps the program's laws.
TEST(TraceImport, ImportedNetworksArePredictedExactlyAndAlikeInBothFidelities) {
  for (const std::vector<std::string>& file :
       {std::vector<std::string>{kData + "made/encoder.onnx", "--dim", "seq=5"},
        {kData + "made/convolutions.onnx"},
        {kData + "made/recurrent.onnx"},
        {kData + "made/volumes.onnx"},
        {kData + "made/layouts.onnx"}}) {
    nlohmann::json totals;
    for (const std::string fidelity : {"tile", "pe"}) {
      std::vector<std::string> arguments{"run",
                                         MXSIM_ROOT "/configs/runs/resnet18_infer.json",
                                         "--batch",
                                         "2",
                                         "--json",
                                         "--fidelity",
                                         fidelity,
                                         "--set",
                                         "/chip/dram/device=configs/dram/ideal-25.6GBs.json",
                                         "--workload"};
      arguments.insert(arguments.end(), file.begin(), file.end());
      const CommandResult result = run_command(arguments);
      ASSERT_EQ(result.exit_code, 0) << result.err;
      const auto report = nlohmann::json::parse(result.out);
      EXPECT_EQ(report["totals"]["cycles"], report["totals"]["predicted_cycles"]) << file[0];
      if (fidelity == "tile") totals = report["totals"];
      EXPECT_EQ(report["totals"], totals) << file[0];
    }
  }
}

TEST(TraceImport, BitOperationsAreMacsTimesTheBitsOfTheQuantizers) {
  const CommandResult result =
      run_command({"run", MXSIM_ROOT "/configs/runs/resnet18_infer.json", "--batch", "1", "--json",
                   "--workload", kData + "made/qcdq.onnx"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(result.out)["totals"]["bops"], 16 * 8 * 4 * 8);
}

TEST(TraceImport, LayersOfATopologyNeedNotLiveTogether) {
  const TemporaryFolder folder;
  const auto peak = [&](const std::string& rows) {
    const std::string path = folder.write("t.csv", "Layer,M,N,K\n" + rows);
    const CommandResult result = run_command({"run", MXSIM_ROOT "/configs/runs/resnet18_infer.json",
                                              "--batch", "1", "--json", "--workload", path});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return nlohmann::json::parse(result.out)["totals"]["dram_used_bytes"].get<std::int64_t>();
  };
  const std::string one = "a,4096,8,8\n";
  // The second layer's input (64 KiB in BF16) and output take the places of the first's.
  EXPECT_LT(peak(one + "b,4096,8,8\n"), peak(one) + 4096 * 8 * 2);
}

TEST(TraceImport, DamagedAndCutFilesAreRefusedInOneLine) {
  const TemporaryFolder folder;
  const std::string whole = content(kData + "mnist_conv.onnx");
  const std::string cut = folder.write("cut.onnx", whole.substr(0, whole.size() / 2));
  const CommandResult result =
      run_command({"trace", "import", cut, "-o", (folder.path() / "t.json").string()});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err,
            cut + ": not a whole ONNX model: damaged, cut off, or another kind of file\n");
  const std::string noise = folder.write("noise.onnx", std::string(1000, '\xff'));
  EXPECT_EQ(run_command({"trace", "show", noise}).exit_code, 2);
  const std::string other = folder.write("a.txt", "hello");
  EXPECT_EQ(run_command({"trace", "import", other, "-o", "x.json"}).err,
            other + ": expected an ONNX model (.onnx) or a SCALE-Sim topology (.csv)\n");
}

TEST(TraceExport, WritesATopologyWithTheSameMacs) {
  const TemporaryFolder folder;
  const std::string csv = (folder.path() / "t.csv").string();
  ASSERT_EQ(
      run_command({"trace", "export", MXSIM_ROOT "/traces/resnet18.json", "-o", csv}).exit_code, 0);
  EXPECT_THAT(run_command({"trace", "show", csv, "--json"}).out, HasSubstr("1814073344"));
}

}  // namespace
}  // namespace mxsim
