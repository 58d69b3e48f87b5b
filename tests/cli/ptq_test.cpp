// `mxsim ptq` on a network that the test trains.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/json/strict_json.h"
#include "sim/npy/npz_file.h"
#include "tests/support/command.h"
#include "tests/support/small_data.h"

namespace mxsim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class Ptq : public ::testing::Test {
 protected:
  Ptq() {
    testing::write_quarters(folder_, 160, 40);
    run_ = testing::write_quarters_run(folder_);
    const CommandResult trained = run_command({"train", run_, "--data", folder_.path().string(),
                                               "--out", path("trained"), "--formats", "bf16"});
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
    weights_ = path("trained/bf16-seed1.npz");
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  CommandResult ptq(const std::string& method, std::vector<std::string> more = {},
                    const std::string& out = "out.npz") const {
    std::vector<std::string> arguments{
        "ptq",      run_,   "--weights", weights_,  "--data", folder_.path().string(),
        "--method", method, "-o",        path(out), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(arguments);
  }
  json eval(const std::string& weights, std::vector<std::string> more) const {
    std::vector<std::string> arguments{
        "eval", run_, "--weights", weights, "--data", folder_.path().string(), "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out);
  }

  TemporaryFolder folder_;
  std::string run_;
  std::string weights_;
};

TEST_F(Ptq, SaysWhatEvalFindsBeforeAndAfter) {
  for (const char* method : {"rtn", "gptq", "error-diffusion", "adaround"}) {
    SCOPED_TRACE(method);
    const CommandResult result = ptq(method, {"--bits", "3", "--iterations", "50"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const json report = json::parse(result.out);
    EXPECT_EQ(report.at("calibration_samples"), 128);
    const json before = eval(weights_, {"--format", "bf16"});
    const json after =
        eval(path("out.npz"), {"--set", R"(/formats/default="int3,float32_t0")", "--set",
                               R"(/formats/overrides=[{"layers":".*","activations":"bf16"}])"});
    for (const char* key : {"accuracy", "energy_pj", "cycles"}) {
      EXPECT_EQ(report.at("before").at(key), before.at(key)) << key;
      EXPECT_EQ(report.at("after").at(key), after.at(key)) << key;
    }
    EXPECT_LT(report.at("after").at("energy_pj"), report.at("before").at("energy_pj"));
    ASSERT_EQ(report.at("layers").size(), 2U);
    EXPECT_EQ(report.at("layers")[0].at("name"), "conv");
    EXPECT_EQ(report.at("layers")[0].at("format"), "int3,float32_t0");
    EXPECT_GT(report.at("layers")[1].at("output_sqnr_db"), 5);
  }
}

TEST_F(Ptq, MethodsWithCalibrationBeatRoundingOnTheCalibrationSamples) {
  const auto output_db = [&](const char* method) {
    const CommandResult result = ptq(method, {"--bits", "3", "--samples", "160"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out).at("layers").back().at("output_sqnr_db").get<double>();
  };
  const double nearest = output_db("rtn");
  for (const char* method : {"gptq", "error-diffusion", "adaround"}) {
    EXPECT_GT(output_db(method), nearest) << method;
  }
}

TEST_F(Ptq, TakesBlockScaledWeightsAloneAndWithActivations) {
  const auto report = [&](std::vector<std::string> more) {
    const CommandResult result = ptq("gptq", std::move(more));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out);
  };
  const json own = report({});
  EXPECT_EQ(own.at("after").at("formats"), "mxsf");
  EXPECT_EQ(eval(path("out.npz"), {}).at("accuracy"), own.at("after").at("accuracy"));
  EXPECT_EQ(report({"--weight-only"}).at("after").at("formats"), "mxsf x bf16");
  EXPECT_EQ(report({"--format", "e2m1fnuz,e8m0_t32"}).at("layers")[0].at("format"),
            "mxfp4_e2m1:1x32");
  const json both = report({"--bits", "4", "--activations", "int8"});
  EXPECT_EQ(both.at("after").at("formats"), "int4,float32_t0 x int8");
}

TEST_F(Ptq, GivesTheSameBytesForAnyNumberOfThreads) {
  for (const char* method : {"gptq", "error-diffusion", "adaround"}) {
    const std::vector<std::string> one{"--bits", "4", "--iterations", "20", "--threads", "1"};
    const std::vector<std::string> three{"--bits", "4", "--iterations", "20", "--threads", "3"};
    ASSERT_EQ(ptq(method, one, "one.npz").exit_code, 0);
    ASSERT_EQ(ptq(method, three, "three.npz").exit_code, 0);
    EXPECT_EQ(read_text_file(path("one.npz")), read_text_file(path("three.npz"))) << method;
  }
}

TEST_F(Ptq, WritesTheReportBesideTheWeights) {
  const CommandResult result = ptq("rtn", {"--bits", "8", "--out", path("report")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(json::parse(read_text_file(path("report/ptq.json"))), json::parse(result.out));
  std::vector<std::string> arguments{
      "ptq",      run_,  "--weights", weights_, "--data", folder_.path().string(),
      "--method", "rtn", "--bits",    "8",      "-o",     path("out.npz")};
  const CommandResult text = run_command(arguments);
  EXPECT_THAT(text.out, HasSubstr("quarters, rtn, seed 1: 128 calibration and 40 test samples\n"));
  EXPECT_THAT(text.out, HasSubstr("after   int8,float32_t0 x bf16"));
}

TEST_F(Ptq, TrainingAwareOfQuantizationIsAFormatOfItsOwn) {
  const auto train = [&](const std::string& out, std::vector<std::string> more) {
    std::vector<std::string> arguments{"train", run_,      "--data",    folder_.path().string(),
                                       "--out", path(out), "--formats", "int4,float32_t0,mxsf",
                                       "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return json::parse(result.out).at("formats");
  };
  const json plain = train("plain", {});
  const json aware = train("aware", {"--qat", "--threads", "1"});
  train("again", {"--qat", "--threads", "3"});
  ASSERT_EQ(aware.size(), 2U);
  EXPECT_EQ(plain[0].at("format"), "int4,float32_t0");
  EXPECT_EQ(aware[0].at("format"), "int4,float32_t0+qat");
  EXPECT_EQ(aware[1].at("format"), "mxsf+qat");
  EXPECT_GT(aware[1].at("accuracy").at("mean"), 0.9);
  // BF16 copies for the backward pass cost energy.
  EXPECT_GT(aware[1].at("step").at("energy_pj"), plain[1].at("step").at("energy_pj"));
  for (const char* name : {"int4-float32_t0+qat-seed1.npz", "mxsf+qat-seed1.npz"}) {
    EXPECT_EQ(read_text_file(path(std::string("aware/") + name)),
              read_text_file(path(std::string("again/") + name)));
  }
}

TEST_F(Ptq, RefusesWrongInputInOneLineAndWritesNothing) {
  struct Fault {
    std::vector<std::string> options;
    std::string line;
  };
  const std::vector<Fault> faults{
      {{"--bits", "1"}, "--bits: Value 1 not in range 2 to 16"},
      {{"--bits", "4", "--format", "mxsf"}, "--format excludes --bits"},
      {{"--bits", "4", "--activations", "int99"},
       "--activations: format \"int99\": width 99 is not in 2..32"},
      {{"--samples", "0"}, "--samples: Value 0 not in range"},
      {{"--weights", path("none.npz")}, path("none.npz")},
      {{"--data", path("none")}, path("none")},
      {{"-o", path("none/out.npz")}, path("none/out.npz")},
      {{"--out", path(""), "-o", path("ptq.json")},
       path("ptq.json") + ": is to hold two of the results"},
      {{"--damping", "nan"}, "--damping: got nan, expected 1e-06 .. 1e+06"},
      {{"--damping", "0"}, "--damping: got 0, expected 1e-06 .. 1e+06"},
  };
  for (const Fault& fault : faults) {
    std::vector<std::string> arguments{"ptq", run_, "--method", "gptq"};
    const auto given = [&](const std::string& option) {
      return std::find(fault.options.begin(), fault.options.end(), option) != fault.options.end();
    };
    if (!given("--weights")) arguments.insert(arguments.end(), {"--weights", weights_});
    if (!given("--data")) arguments.insert(arguments.end(), {"--data", folder_.path().string()});
    if (!given("-o")) arguments.insert(arguments.end(), {"-o", path("out.npz")});
    arguments.insert(arguments.end(), fault.options.begin(), fault.options.end());
    const CommandResult result = run_command(arguments);
    EXPECT_EQ(result.exit_code, 2) << fault.line << result.err;
    EXPECT_THAT(result.err, HasSubstr(fault.line));
    EXPECT_FALSE(std::filesystem::exists(path("out.npz"))) << fault.line;
  }
  NpzArrays arrays = read_npz(weights_);
  arrays.erase("fc.bias");
  write_npz(path("less.npz"), arrays);
  weights_ = path("less.npz");
  EXPECT_EQ(ptq("gptq").err, path("less.npz") + ": no \"fc.bias\"\n");
  EXPECT_EQ(ptq("best").exit_code, 2);
}

}  // namespace
}  // namespace mxsim
