// ONNX models with their weights on stored inputs, beside stored outputs.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kModel = MXSIM_ROOT "/tests/data/import/mnist_conv.onnx";
constexpr const char* kRun = MXSIM_ROOT "/configs/runs/lenet5_28_train.json";
constexpr const char* kStored = MXSIM_ROOT "/tests/data/import/mnist_conv_data";

class StoredResults : public ::testing::Test {
 protected:
  std::string copy_model() const { return folder_.write("model.onnx", read_text_file(kModel)); }
  void write_set(const std::string& set, const std::string& output) const {
    std::filesystem::create_directories(folder_.path() / set);
    folder_.write(set + "/input_0.pb", read_text_file(std::string(kStored) + "/input_0.pb"));
    folder_.write(set + "/output_0.pb", output);
  }
  static std::string output() { return read_text_file(std::string(kStored) + "/output_0.pb"); }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

  TemporaryFolder folder_;
};

TEST_F(StoredResults, OfATrainedNetworkComeOut) {
  const CommandResult result = run_command({"verify", kModel, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json rows = json::parse(result.out);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0]["elements"], 10);
  EXPECT_EQ(rows[0]["outside"], 0);
  EXPECT_LT(rows[0]["largest_error"].get<double>(), 1e-5 * rows[0]["largest"].get<double>());
}

TEST_F(StoredResults, OfEveryNumberedFolderAreCompared) {
  const std::string model = copy_model();
  std::string wrong = output();
  wrong.back() = static_cast<char>(wrong.back() ^ 0x40);  // the last number's exponent
  write_set("test_data_set_0", output());
  write_set("test_data_set_10", wrong);
  const CommandResult result = run_command({"verify", model, "--json"});
  EXPECT_EQ(result.exit_code, 1) << result.err;
  const json rows = json::parse(result.out);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["data"], "test_data_set_0");
  EXPECT_EQ(rows[0]["outside"], 0);
  EXPECT_EQ(rows[1]["data"], "test_data_set_10");
  EXPECT_EQ(rows[1]["outside"], 1);
}

// The recipe mxfp8-e4m3 is that format for every operand.
TEST_F(StoredResults, OfARecipeAreThoseOfItsFormats) {
  const auto verified = [](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"verify", kModel, "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  };
  const CommandResult recipe = verified({"--recipe", "mxfp8-e4m3"});
  EXPECT_EQ(recipe.exit_code, 1) << recipe.err;
  EXPECT_EQ(recipe.out, verified({"--format", "mxfp8_e4m3:up:32"}).out);
  EXPECT_NE(recipe.out, verified({"--recipe", "first-last-bf16"}).out);
  const CommandResult unknown = verified({"--recipe", "mxfp8"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("--recipe: got \"mxfp8\", expected one of "));
}

TEST_F(StoredResults, AreMissedByANarrowFormatByItsNoise) {
  const CommandResult result =
      run_command({"eval", kRun, "--workload", kModel, "--batch", "1", "--formats",
                   "bf16,mxsf,mxfp4_e2m1", "--data", kStored, "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json formats = json::parse(result.out);
  ASSERT_EQ(formats.size(), 3U);
  std::vector<double> errors;
  for (const json& format : formats) {
    errors.push_back(format["outputs"][0]["largest_error"].get<double>() /
                     format["outputs"][0]["largest"].get<double>());
    EXPECT_GT(format["energy_pj"].get<double>(), 0);
  }
  EXPECT_GT(errors[0], 0);
  EXPECT_LT(errors[0], 0.02);
  EXPECT_LT(errors[0], errors[1]);
  EXPECT_LT(errors[1], errors[2]);
}

TEST_F(StoredResults, NamesWhatIsWrong) {
  const std::string model = copy_model();
  const auto error = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"verify", model};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_EQ(error({}), model +
                           ": no input_0.pb and output_0.pb in test_data_set_0 or model_data "
                           "beside it\n");
  EXPECT_EQ(error({"--data", path("none")}), path("none") + ": no such folder\n");
  std::filesystem::create_directories(path("empty"));
  EXPECT_EQ(error({"--data", path("empty")}),
            path("empty") + ": holds neither output_0.pb nor test_data_set_0\n");
  write_set("cut", output().substr(0, output().size() - 3));
  EXPECT_EQ(error({"--data", path("cut")}), path("cut/output_0.pb") + ": not a TensorProto\n");
  std::filesystem::remove(path("cut/output_0.pb"));
  EXPECT_EQ(error({"--data", path("cut")}), model + ": no output_0.pb to compare with\n");
  folder_.write("cut/input_0.pb", output());
  EXPECT_THAT(error({"--data", path("cut")}), HasSubstr("is stored as 1x10, the model takes"));
}

// The weights of the ONNX model find labelled samples too.
TEST_F(StoredResults, OfAnOnnxModelsWeightsOnLabelledSamples) {
  const std::vector<std::uint8_t> images(2 * 28 * 28, 7);
  for (const char* part : {"train", "t10k"}) {
    folder_.write(std::string(part) + "-images-idx3-ubyte", testing::idx_file({2, 28, 28}, images));
    folder_.write(std::string(part) + "-labels-idx1-ubyte", testing::idx_file({2}, {3, 4}));
  }
  const std::vector<std::string> arguments{
      "eval",   kRun,       "--workload", kModel, "--batch", "2", "--data", folder_.path().string(),
      "--json", "--format", "bf16"};
  const CommandResult result = run_command(arguments);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["samples"], 2);
}

TEST_F(StoredResults, NeedWeightsWhereTheWorkloadHasNone) {
  const CommandResult result = run_command({"eval", kRun, "--data", kStored});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "--weights is required: the workload names no weights of its own\n");
}

}  // namespace
}  // namespace mxsim
