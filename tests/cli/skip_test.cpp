// --skip of run, compare, eval and train, and train --teacher.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr const char* kRun = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

json run_json(const std::vector<std::string>& more) {
  std::vector<std::string> arguments{"run", kRun, "--json", "--format", "bf16", "--mode", "infer"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const CommandResult result = run_command(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return json::parse(result.out);
}

// layer1.0 adds the pooled image, 10 channels of 8 x 8; layer2.0 adds a projection to 20 of 4 x 4,
// which runs last: bn2 waits for it in DRAM, as does its input. BF16 has 2 bytes, batch 2.
TEST(SkipRun, ReportsTheTensorsThatWaitForAdditions) {
  const json skips = run_json({}).at("skips");
  EXPECT_EQ(skips.at("policy"), "keep");
  EXPECT_EQ(skips.at("additions"), 2);
  ASSERT_EQ(skips.at("tensors").size(), 3U);
  std::int64_t read = 0;
  for (const json& each : skips.at("tensors")) {
    EXPECT_GE(each.at("groups"), 2) << each;
    EXPECT_GT(each.at("cycles"), 0) << each;
    EXPECT_LE(each.at("cycles"), skips.at("longest_cycles")) << each;
    read += each.at("in") == "DRAM" ? each.at("bytes").get<std::int64_t>() : 0;
  }
  EXPECT_EQ(skips.at("dram_read_bytes"), read);
  EXPECT_GT(skips.at("peak_bytes"), 0);
  EXPECT_LE(skips.at("peak_bytes").get<std::int64_t>(),
            skips.at("peak_buffer_bytes").get<std::int64_t>() +
                skips.at("peak_dram_bytes").get<std::int64_t>());
}

TEST(SkipRun, WithoutSkipsNothingWaitsAndLessIsMoved) {
  const json kept = run_json({"--skip", "keep"});
  const json removed = run_json({"--skip", "remove"});
  const json& skips = removed.at("skips");
  EXPECT_EQ(skips.at("additions"), 0);
  EXPECT_EQ(skips.at("peak_bytes"), 0);
  EXPECT_EQ(skips.at("tensors").size(), 0U);
  EXPECT_EQ(skips.at("changed"), (json{"layer1.0.add", "layer2.0.add"}));
  const auto dram = [](const json& report) {
    const json& totals = report.at("totals");
    return totals.at("dram_read_bytes").get<std::int64_t>() +
           totals.at("dram_write_bytes").get<std::int64_t>();
  };
  EXPECT_LT(dram(removed), dram(kept));
  EXPECT_LT(removed.at("totals").at("cycles"), kept.at("totals").at("cycles"));
  EXPECT_NE(removed.at("config_hash"), kept.at("config_hash"));
  EXPECT_THAT(removed.at("assumptions"),
              ::testing::Contains("skip remove: 2 of 2 residual additions are removed with their "
                                  "projections, the others are left"));
}

TEST(SkipRun, ShortenedSkipsAreHeldForFewerCycles) {
  const json kept = run_json({}).at("skips");
  const json shortened = run_json({"--skip", "shorten"}).at("skips");
  EXPECT_EQ(shortened.at("additions"), 4);
  EXPECT_EQ(shortened.at("left").size(), 0U);
  EXPECT_LT(shortened.at("longest_cycles"), kept.at("longest_cycles"));
}

TEST(SkipRun, IsRefusedInOneLine) {
  const auto error = [](const std::vector<std::string>& arguments) {
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    return result.err;
  };
  EXPECT_EQ(error({"run", kRun, "--skip", "shortn"}),
            "--set: /skip: got \"shortn\", expected one of keep, shorten, remove (residual "
            "additions: keep, shorten (one for each layer of a block in place of one for the "
            "block) or remove; left out: as the trace says of each), did you mean \"shorten\"?\n");
  EXPECT_EQ(error({"run", MXSIM_ROOT "/configs/runs/resnet50_infer.json", "--skip", "shorten"}),
            "--set: /skip: got \"shorten\", but none of the 16 residual additions can be "
            "changed: \"layer1.0.add\": layer \"layer1.0.conv1\" makes 64x56x56, its skip is "
            "256x56x56\n");
  EXPECT_EQ(error({"run", MXSIM_ROOT "/configs/runs/lenet5_28_train.json", "--skip", "remove"}),
            "--set: /skip: got \"remove\", but \"lenet5_28\" has no residual addition\n");
}

TEST(SkipCompare, PoliciesStandBesideEachOther) {
  const CommandResult result = run_command({"compare", kRun, "--formats", "mxsf", "--baseline",
                                            "mxsf", "--skip", "keep,shorten,remove", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const json report = json::parse(result.out);
  ASSERT_EQ(report.at("runs").size(), 3U);
  EXPECT_EQ(report.at("baseline"), "mxsf keep");
  EXPECT_EQ(report.at("runs").at(1).at("label"), "mxsf shorten");
  EXPECT_EQ(report.at("runs").at(2).at("skips").at("additions"), 0);
  EXPECT_GT(report.at("runs").at(2).at("saving").at("time").get<double>(), 0);
}

class SkipTraining : public ::testing::Test {
 protected:
  SkipTraining() {
    testing::write_quarters(folder_, 160, 40);
    testing::write_quarters_run(folder_);
    json trace = json::parse(read_text_file(path("trace.json")));
    json layers = json::array();
    for (const json& layer : trace.at("layers")) {
      layers.push_back(layer);
      if (layer.at("name") == "relu") add_block(layers);
    }
    for (json& layer : layers) {
      if (layer.at("name") == "pool") layer["inputs"] = {"out"};
    }
    trace["layers"] = layers;
    folder_.write("trace.json", trace.dump());
    run_ = path("run.json");
  }
  static void add_block(json& layers) {
    const json same{{"out_channels", 5}, {"kernel", 3}, {"padding", 1}, {"bias", false}};
    const auto add = [&](const char* name, const char* op, const json& inputs,
                         const json& attributes = json::object()) {
      layers.push_back({{"name", name},
                        {"op", op},
                        {"inputs", inputs},
                        {"outputs", {name}},
                        {"attributes", attributes}});
    };
    add("c1", "conv2d", {"relu"}, same);
    add("b1", "batch_norm", {"c1"});
    add("r1", "relu", {"b1"});
    add("c2", "conv2d", {"r1"}, same);
    add("b2", "batch_norm", {"c2"});
    add("sum", "add", {"b2", "relu"});
    add("out", "relu", {"sum"});
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  json train(const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train", run_,      "--data", folder_.path().string(),
                                       "--out", path(out), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? json::parse(result.out) : json();
  }

  TemporaryFolder folder_;
  std::string run_;
};

TEST_F(SkipTraining, AStudentWithoutSkipsLearnsFromItsTeacher) {
  const json teacher = train("teacher", {"--formats", "bf16", "--epochs", "3"});
  const std::string weights = path("teacher/bf16-seed1.npz");
  const json student = train("student", {"--skip", "remove", "--teacher", weights});
  const double taught = student.at("formats").at(0).at("accuracy").at("mean");
  EXPECT_GT(taught, 0.9);
  const json& told = student.at("teacher");
  EXPECT_EQ(told.at("weights"), weights);
  EXPECT_EQ(told.at("accuracy"), teacher.at("formats").at(0).at("accuracy").at("mean"));
  EXPECT_GT(told.at("step").at("energy_pj"), 0);
  const CommandResult eval =
      run_command({"eval", run_, "--skip", "remove", "--weights", path("student/mxsf-seed1.npz"),
                   "--data", folder_.path().string(), "--json"});
  ASSERT_EQ(eval.exit_code, 0) << eval.err;
  EXPECT_EQ(json::parse(eval.out).at("accuracy").get<double>(), taught);
}

// With learning rate 0 the student stays its teacher: the same network has the teacher's accuracy,
// and with all weight on the teacher its loss is the divergence of one cast of scores from another.
TEST_F(SkipTraining, AStudentBeginsWithItsTeachersParameters) {
  train("teacher", {"--formats", "bf16", "--epochs", "2"});
  const json same =
      train("same", {"--teacher", path("teacher/bf16-seed1.npz"), "--formats", "bf16", "--epochs",
                     "1", "--set", "/training/learning_rate=0", "--teacher-weight", "1"});
  EXPECT_EQ(same.at("formats").at(0).at("epochs").size(), 1U);
  EXPECT_LT(same.at("formats").at(0).at("loss").get<double>(), 0.5);
}

TEST_F(SkipTraining, SkipsGoOneAfterAnotherAndResume) {
  train("teacher", {"--formats", "bf16", "--epochs", "1"});
  const std::vector<std::string> more{
      "--skip",   "shorten", "--teacher",     path("teacher/bf16-seed1.npz"),
      "--epochs", "3",       "--skip-epochs", "2"};
  const json whole = train("whole", more);
  EXPECT_EQ(whole.at("formats").at(0).at("epochs").size(), 3U);
  std::vector<std::string> again = more;
  again.push_back("--resume");
  EXPECT_EQ(train("whole", again), whole);
}

TEST_F(SkipTraining, AWrongTeacherIsNamed) {
  const auto error = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"train", run_,       "--data", folder_.path().string(),
                                       "--out", path("out")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(path("out")));
    return result.err;
  };
  EXPECT_EQ(error({"--teacher", path("none.npz")}), path("none.npz") + ": no such file\n");
  train("students", {"--skip", "remove", "--formats", "bf16", "--epochs", "1"});
  folder_.write("broken.npz", "PK");
  EXPECT_THAT(error({"--teacher", path("broken.npz")}), HasSubstr(path("broken.npz") + ": "));
  json trace = json::parse(read_text_file(path("trace.json")));
  trace["layers"].back()["attributes"] = {{"teacher", 1}};
  folder_.write("trace.json", trace.dump());
  EXPECT_EQ(error({}), "--teacher: layer \"loss\" compares scores with a teacher's\n");
}

}  // namespace
}  // namespace mxsim
