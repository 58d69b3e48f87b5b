#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using testing::AnyOf;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kRun = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";

/// Options that make a good run file a wrong one, and how the line that says so begins.
struct WrongOptions {
  std::vector<std::string> options;
  std::string line;
};

std::vector<WrongOptions> wrong_options() {
  return {
      {{"--set", "/chip/array/rows=0"}, "--set: /chip/array/rows: got 0, expected 1..1024"},
      {{"--set", "/chip/aray/rows=8"}, "--set: /chip/aray: unknown key, did you mean \"array\"?"},
      {{"--set", "/batch=9223372036854775808"}, "--set: /batch: got 9223372036854775808"},
      {{"--set", "/chip/buffers/accumulator/bytes=64"},
       "configs/chips/tiny-8x8.json: /buffers: layer \"layer2.0.conv2\" "
       "(backward_weight): no tile "
       "fits"},
      {{"--set", "/chip=none.json"}, "--set: /chip: names \"none.json\", which does not exist"},
      {{"--set", "rows=8"}, "--set: got \"rows=8\", expected /json/pointer=value"},
      {{"--mode", "trian"}, ""},
      {{"--batch", "-1"}, ""},
      {{"--fidelity", "fast"}, ""},
  };
}

void expect_nothing_written(const std::string& command, const WrongOptions& wrong) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  std::vector<std::string> arguments{command, kRun, "--out", out};
  arguments.insert(arguments.end(), wrong.options.begin(), wrong.options.end());
  const CommandResult result = run_command(arguments);
  const std::string what = command + " " + wrong.options.back();
  EXPECT_EQ(result.exit_code, 2) << what;
  EXPECT_THAT(result.out, IsEmpty()) << what;
  EXPECT_THAT(result.err, AnyOf(StartsWith(wrong.line), StartsWith("./" + wrong.line))) << what;
  EXPECT_THAT(result.err, Not(IsEmpty())) << what;
  EXPECT_FALSE(fs::exists(out)) << what;
}

TEST(WrongInput, WritesNothingAndEndsWithTwo) {
  for (const WrongOptions& wrong : wrong_options()) {
    expect_nothing_written("run", wrong);
    expect_nothing_written("compare", wrong);
  }
}

TEST(WrongInput, OfACommandLineThatNamesNoFileIsRefused) {
  for (const char* command : {"run", "compare", "check"}) {
    EXPECT_EQ(run_command({command}).exit_code, 2) << command;
    EXPECT_EQ(run_command({command, "none.json"}).exit_code, 2) << command;
    EXPECT_EQ(run_command({command, "/"}).exit_code, 2) << command;
  }
}

/// Whether a program that has been told to end twice does so, and how long that takes.
void expect_prompt_end(const std::vector<std::string>& arguments, const std::vector<int>& signals,
                       std::chrono::milliseconds most) {
  RunningProgram program(arguments);
  while (program.running() && !program.catches(signals.front())) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const auto begin = std::chrono::steady_clock::now();
  for (const int signal : signals) program.kill(signal);
  EXPECT_LE(program.wait(), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, most);
}

TEST(Interrupt, EndsWithinASecondWhateverTheProgramDoes) {
  // Groups of minutes each, with no report of progress in between.
  const std::vector<std::string> program{MXSIM_BUILD "/mxsim", "run",
                                         MXSIM_ROOT "/configs/runs/resnet18_infer.json",
                                         "--fidelity", "pe"};
  // The machine may be busy: the program's own limit is 0.8 s.
  expect_prompt_end(program, {SIGTERM}, std::chrono::seconds(10));
  expect_prompt_end(program, {SIGINT, SIGTERM}, std::chrono::seconds(10));
}

TEST(Interrupt, LeavesNoTemporaryFile) {
  const TemporaryFolder folder;
  const std::string trace = (folder.path() / "t.trc").string();
  RunningProgram program({MXSIM_BUILD "/mxsim", "dram", "--device",
                          MXSIM_ROOT "/configs/dram/ddr4-3200.json", "--traffic", "random:2:1",
                          "--requests", "1000000000", "--write-trace", trace});
  while (program.running() && fs::is_empty(folder.path())) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.kill(SIGTERM);
  EXPECT_EQ(program.wait(), 1);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Interrupt, LeavesWholeFilesOrNone) {
  const TemporaryFolder folder;
  const fs::path out = folder.path() / "out";
  RunningProgram program({MXSIM_BUILD "/mxsim", "run",
                          MXSIM_ROOT "/configs/runs/resnet18_infer.json", "--out", out.string()});
  while (program.running() && !program.catches(SIGINT)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  program.kill(SIGINT);
  const int exit_code = program.wait();
  EXPECT_LE(exit_code, 1);
  EXPECT_EQ(fs::exists(out), exit_code == 0);
  EXPECT_EQ(fs::exists(out / "report.json"), exit_code == 0);
}

}  // namespace
}  // namespace mxsim
