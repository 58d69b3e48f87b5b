// Sweeps whose quality is measured accuracy, and weights that serve several formats.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "sim/json/strict_json.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class MeasuredQuality : public ::testing::Test {
 protected:
  MeasuredQuality() {
    testing::write_quarters(folder_, 160, 40);
    run_ = testing::write_quarters_run(folder_);
    const CommandResult trained =
        run_command({"train", run_, "--data", folder_.path().string(), "--out", path("shared"),
                     "--formats", "bf16", "--draw-formats", "mxsf,mxfp4_e2m1", "--epochs", "3"});
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string sweep_file(const json& quality) const {
    const json sweep{{"base", run_},
                     {"set", {{"/mode", "infer"}}},
                     {"layer_formats", json::array({{{"formats", {"mxsf", "mxfp4_e2m1"}}}})},
                     {"quality", quality},
                     {"objectives", {"bops", "energy", "quality"}}};
    return folder_.write("sweep.json", sweep.dump());
  }

  TemporaryFolder folder_;
  std::string run_;
};

// Two layers with GEMMs, two formats each: four points, each with the accuracy that eval finds.
TEST_F(MeasuredQuality, IsTheErrorThatEvalFindsAtEveryPoint) {
  const std::string weights = path("shared/bf16-seed1.npz");
  const std::string file =
      sweep_file({{"weights", weights}, {"data", folder_.path().string()}, {"samples", 32}});
  const CommandResult result =
      run_command({"sweep", file, "--out", path("out"), "--jobs", "1", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::istringstream lines(read_text_file(path("out/results.jsonl")));
  int points = 0;
  for (std::string line; std::getline(lines, line); ++points) {
    const json point = json::parse(line);
    ASSERT_EQ(point.at("status"), "ok");
    std::vector<std::string> arguments{"eval",   run_,     "--weights",
                                       weights,  "--data", folder_.path().string(),
                                       "--json", "--set",  "/data/test_samples=32"};
    json overrides = json::array();
    for (const auto& [layer, format] : point.at("layer_formats").items()) {
      overrides.push_back(
          {{"layers", layer}, {"weights", format}, {"activations", format}, {"gradients", format}});
    }
    arguments.insert(arguments.end(), {"--set", "/formats/overrides=" + overrides.dump()});
    const CommandResult eval = run_command(arguments);
    ASSERT_EQ(eval.exit_code, 0) << eval.err;
    const double accuracy = json::parse(eval.out).at("accuracy");
    EXPECT_EQ(point.at("quality").at("accuracy").get<double>(), accuracy);
    EXPECT_EQ(point.at("quality").at("error").get<double>(), 1 - accuracy);
    EXPECT_GT(accuracy, 0.5) << "weights trained with drawn formats serve every choice";
  }
  EXPECT_EQ(points, 4);
}

TEST_F(MeasuredQuality, NamesWeightsAndDataThatItCannotRead) {
  const auto error = [&](const json& quality) {
    const CommandResult result =
        run_command({"sweep", sweep_file(quality), "--out", path("none"), "--jobs", "1"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_FALSE(std::filesystem::exists(path("none/results.jsonl")));
    return result.err;
  };
  const std::string data = folder_.path().string();
  EXPECT_EQ(error({{"weights", path("w.npz")}, {"data", data}}),
            path("w.npz") + ": no such file\n");
  EXPECT_THAT(error({{"weights", path("shared/bf16-seed1.npz")}, {"data", path("nothing")}}),
              HasSubstr(path("nothing")));
  EXPECT_THAT(error({{"weights", path("shared/bf16-seed1.npz")}}),
              HasSubstr("/quality/data: weights and data are given together"));
  EXPECT_THAT(error(json::object()), HasSubstr("/objectives: quality needs the noises of layers"));
}

TEST_F(MeasuredQuality, DrawnFormatsAreReproducible) {
  const auto train = [&](const char* out) {
    const CommandResult result =
        run_command({"train", run_, "--data", folder_.path().string(), "--out", path(out),
                     "--draw-formats", "mxsf,mxint8", "--epochs", "1"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return read_text_file(path(out) + "/mxsf-seed1.npz");
  };
  EXPECT_EQ(train("one"), train("two"));
  const CommandResult wrong = run_command({"train", run_, "--data", folder_.path().string(),
                                           "--out", path("three"), "--draw-formats", "mxsg"});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr("unknown format \"mxsg\", did you mean \"mxsf\"?"));
  EXPECT_FALSE(std::filesystem::exists(path("three")));
}

}  // namespace
}  // namespace mxsim
