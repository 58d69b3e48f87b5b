// `mxsim train` and `mxsim eval` on a data set that the test makes.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/json/strict_json.h"
#include "sim/npy/npz_file.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"
#include "tests/support/training_folder.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Train : public testing::TrainingFolder {
 protected:
  Train() {
    testing::write_quarters(folder_, 160, 40);
    run_ = testing::write_quarters_run(folder_);
  }
};

TEST_F(Train, LearnsToTellQuartersApartInEveryFormat) {
  const CommandResult result = train(
      "out",
      {"--formats", "fp32,bf16,mxsf,mxfp8_e4m3,mxfp8_e2m5,mxint8", "--epochs", "3", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report, json::parse(text("out/training.json")));
  ASSERT_EQ(report.at("formats").size(), 6U);
  for (const json& format : report.at("formats")) {
    SCOPED_TRACE(format.at("format").get<std::string>());
    EXPECT_GT(format.at("accuracy").at("mean").get<double>(), 0.9);
    EXPECT_EQ(format.at("total").at("steps"), 3 * 160 / 8);
    EXPECT_EQ(format.at("total").at("cycles").get<std::int64_t>(),
              60 * format.at("step").at("cycles").get<std::int64_t>());
    EXPECT_LT(format.at("epochs").back().at("loss").get<double>(),
              format.at("epochs").front().at("loss").get<double>());
  }
}

TEST_F(Train, GivesTheSameBytesForAnyNumberOfThreads) {
  ASSERT_EQ(train("one", {"--threads", "1", "--seeds", "2"}).exit_code, 0);
  ASSERT_EQ(train("three", {"--threads", "3", "--seeds", "2"}).exit_code, 0);
  for (const char* name : {"training.json", "training.csv", "mxsf-seed1.npz", "mxsf-seed2.npz"}) {
    EXPECT_EQ(text(std::string("one/") + name), text(std::string("three/") + name)) << name;
  }
  EXPECT_NE(text("one/mxsf-seed1.npz"), text("one/mxsf-seed2.npz"));
}

TEST_F(Train, ResumesFromWhatIsFinished) {
  ASSERT_EQ(train("whole", {"--seeds", "2"}).exit_code, 0);
  ASSERT_EQ(train("ended").exit_code, 0);  // before the second seed began
  const CommandResult again = train("ended", {"--seeds", "2", "--resume"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  for (const char* name : {"training.json", "mxsf-seed1.npz", "mxsf-seed2.npz"}) {
    EXPECT_EQ(text(std::string("ended/") + name), text(std::string("whole/") + name)) << name;
  }
}

TEST_F(Train, RefusesACheckpointOfAnotherRun) {
  ASSERT_EQ(train("out").exit_code, 0);
  const CommandResult other = train("out", {"--resume", "--set", "/training/momentum=0.5"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_EQ(other.err, path("out/mxsf-seed1.npz") +
                           ": a checkpoint of another run: other settings, format, seed or data\n");
}

TEST_F(Train, EvalFindsTheAccuracyOfTheLastEpoch) {
  ASSERT_EQ(train("out").exit_code, 0);
  const json trained = json::parse(text("out/training.json")).at("formats").at(0);
  const CommandResult result = run_command({"eval", run_, "--weights", path("out/mxsf-seed1.npz"),
                                            "--data", folder_.path().string(), "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  EXPECT_EQ(report.at("accuracy"), trained.at("accuracy").at("mean"));
  EXPECT_EQ(report.at("samples"), 40);
  EXPECT_GT(report.at("energy_pj").get<double>(), 0);
}

TEST_F(Train, NamesEveryWrongFileInOneLine) {
  const std::string labels = path("train-labels-idx1-ubyte");
  const std::string good = read_text_file(labels);
  folder_.write("train-labels-idx1-ubyte", good.substr(0, good.size() - 1));
  CommandResult result = train("out");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, labels + ": truncated\n");
  folder_.write("train-labels-idx1-ubyte", good + "x");
  EXPECT_EQ(train("out").err, labels + ": bytes after the last element\n");
  folder_.write("train-labels-idx1-ubyte",
                testing::idx_file({159}, std::vector<std::uint8_t>(159)));
  EXPECT_EQ(train("out").err, labels + ": 159 labels for 160 images\n");
  folder_.write("train-labels-idx1-ubyte",
                testing::idx_file({160}, std::vector<std::uint8_t>(160, 4)));
  EXPECT_EQ(train("out").err,
            folder_.path().string() + ": a training label is 4, the network has 4 classes\n");
  std::filesystem::remove(labels);
  EXPECT_EQ(train("out").err, labels + ": no such file\n");
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

TEST_F(Train, NamesLayersWithoutValues) {
  std::string trace = text("trace.json");
  const std::string relu = R"("op": "relu")";
  trace.replace(trace.find(relu), relu.size(), R"("op": "clip")");
  folder_.write("trace.json", trace);
  const CommandResult result = train("out");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("layer \"relu\": no values yet for clip"));
  EXPECT_FALSE(std::filesystem::exists(path("out")));
}

// ResNet-18 names its image size: the samples are compared with the size, not with the name.
TEST_F(Train, ComparesSamplesWithTheSizesOfNamedDimensions) {
  const CommandResult result =
      run_command({"train", MXSIM_ROOT "/configs/runs/resnet18_train.json", "--data",
                   folder_.path().string(), "--out", path("out")});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("the network takes 3x224x224"));
}

}  // namespace
}  // namespace mxsim
