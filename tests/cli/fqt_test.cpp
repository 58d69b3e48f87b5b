// `mxsim train --fqt`: 1-bit fully quantized training on a data set that the test makes.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"
#include "tests/support/training_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Fqt : public testing::TrainingFolder {
 protected:
  Fqt() {
    testing::write_quarters(folder_, 320, 80);
    folder_.write("trace.json", R"({
      "name": "signs", "source": "made up",
      "inputs": [{"name": "image", "shape": [1, 8, 8]}],
      "layers": [
        {"name": "conv1", "op": "conv2d", "inputs": ["image"], "outputs": ["conv1"],
         "attributes": {"out_channels": 8, "kernel": 3, "padding": 1, "bias": false}},
        {"name": "bn1", "op": "batch_norm", "inputs": ["conv1"], "outputs": ["bn1"]},
        {"name": "clip1", "op": "clip", "inputs": ["bn1"], "outputs": ["clip1"],
         "constants": {"low": -1, "high": 1}},
        {"name": "conv2", "op": "conv2d", "inputs": ["clip1"], "outputs": ["conv2"],
         "attributes": {"out_channels": 8, "kernel": 3, "stride": 2, "padding": 1, "bias": false}},
        {"name": "bn2", "op": "batch_norm", "inputs": ["conv2"], "outputs": ["bn2"]},
        {"name": "clip2", "op": "clip", "inputs": ["bn2"], "outputs": ["clip2"],
         "constants": {"low": -1, "high": 1}},
        {"name": "flat", "op": "flatten", "inputs": ["clip2"], "outputs": ["flat"]},
        {"name": "fc", "op": "linear", "inputs": ["flat"], "outputs": ["fc"],
         "attributes": {"out_features": 4}},
        {"name": "loss", "op": "cross_entropy", "inputs": ["fc"], "outputs": ["loss"]}],
      "outputs": ["loss"]})");
    run_ = folder_.write(
        "signs.json",
        R"({
      "chip": ")" +
            std::filesystem::absolute(MXSIM_ROOT "/configs/chips/popcount-32x32.json").string() +
            R"(",
      "workload": "trace.json", "mode": "train", "batch": 8, "optimizer": "adam",
      "formats": {"default": "bf16"},
      "training": {"epochs": 3, "learning_rate": 0.003, "schedule": "constant"}})");
  }
};

TEST_F(Fqt, LearnsWithPrunedGradientsAtThePriceOfBinaryGemms) {
  const CommandResult result =
      train("out", {"--formats", "bf16", "--fqt", "1:all:samples,1,2,4,4:largest", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json formats = json::parse(result.out).at("formats");
  ASSERT_EQ(formats.size(), 6U);
  const json& wide = formats[0];
  EXPECT_FALSE(wide.contains("gradients"));
  for (std::size_t i = 1; i < formats.size(); ++i) {
    const json& format = formats[i];
    SCOPED_TRACE(format.at("format").get<std::string>());
    EXPECT_GT(format.at("accuracy").at("mean").get<double>(), 0.6);  // chance: 0.25
    EXPECT_LT(format.at("step").at("energy_pj").get<double>(),
              wide.at("step").at("energy_pj").get<double>());
    // The same work for any number of bits: groups x bits stay what they are.
    EXPECT_EQ(format.at("step").at("cycles"), formats[1].at("step").at("cycles"));
    const json& gemms = format.at("gradients").at("backward_gemms");
    ASSERT_EQ(gemms.size(), 2U);  // of conv2; the others are in BF16
    for (const json& gemm : gemms) {
      EXPECT_EQ(gemm.at("layer"), "conv2");
      EXPECT_EQ(gemm.at("plane_macs"), gemm.at("binary_macs"));
      const std::int64_t bits = format.at("gradients").at("bits").get<std::int64_t>();
      const bool pruned = format.at("format") != "fqt-1bit+1:all:samples";
      EXPECT_EQ(gemm.at("kept"), pruned ? 8 / bits : 8);
    }
    // 8 samples of 4 x 4 positions, 3 x 3 taps, 8 x 8 channels.
    EXPECT_EQ(gemms[1].at("binary_macs"), 8 * 16 * 9 * 64);
  }
}

TEST_F(Fqt, GivesTheSameBytesForAnyNumberOfThreadsAndAfterAResume) {
  ASSERT_EQ(train("one", {"--fqt", "2", "--threads", "1"}).exit_code, 0);
  ASSERT_EQ(train("three", {"--fqt", "2", "--threads", "3"}).exit_code, 0);
  ASSERT_EQ(train("one", {"--fqt", "2", "--resume"}).exit_code, 0);
  for (const char* name : {"training.json", "fqt-1bit+2-seed1.npz"}) {
    EXPECT_EQ(text(std::string("one/") + name), text(std::string("three/") + name)) << name;
  }
}

TEST_F(Fqt, SaysWhatItCannotDoAndWritesNothing) {
  const auto error = [&](std::vector<std::string> more) {
    const CommandResult result = train("out", std::move(more));
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(path("out")));
    return result.err;
  };
  for (const char* text : {"0", "9", "x", "4:most", "4:samples:largest", "4:"}) {
    EXPECT_EQ(error({"--fqt", text}),
              std::string("--fqt: got \"") + text +
                  "\", expected BITS[:sampled|largest|all][:channels|samples], BITS 1 to 8\n");
  }
  EXPECT_EQ(error({"--fqt", "4", "--qat"}),
            "--fqt and --qat: gradients of one bit, or backward GEMMs in BF16\n");
  EXPECT_EQ(error({"--fqt", "4", "--statistics"}),
            "--fqt and --statistics: casts of pruned gradients are not counted\n");
  EXPECT_THAT(error({"--fqt", "4", "--recipe", "mxfp6-all"}),
              HasSubstr("no layer multiplies weights and activations of one bit"));
}

}  // namespace
}  // namespace mxsim
