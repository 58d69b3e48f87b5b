#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "models/core/rng.h"
#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/program.h"
#include "tests/support/running_program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr const char* kProgram = MXSIM_BUILD "/mxsim";
constexpr const char* kTinySweep = MXSIM_ROOT "/configs/sweeps/tiny_cnn.json";

std::vector<std::string> sweep(const std::string& file, const fs::path& out,
                               std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{kProgram, "sweep", file, "--out", out.string()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

void expect_same_results(const fs::path& a, const fs::path& b) {
  EXPECT_EQ(sorted_lines(a / "results.jsonl"), sorted_lines(b / "results.jsonl"));
  EXPECT_EQ(content(a / "results.csv"), content(b / "results.csv"));
  for (const auto& entry : fs::directory_iterator(b)) {
    EXPECT_TRUE(fs::exists(a / entry.path().filename())) << entry.path() << " was left behind";
  }
}

/// Kills a worker or the master of a sweep again and again, each at a moment that the seed decides.
class Killer {
 public:
  explicit Killer(std::uint64_t seed) : rng_(seed, "kills") {}

  /// Starts or resumes the sweep until `kills` processes are dead; every sweep that comes to its
  /// end must have the results of `undisturbed`.
  void run(int kills, const std::string& file, const fs::path& undisturbed) {
    const TemporaryFolder folder;
    for (int sweeps = 0; kills > 0; ++sweeps) {
      const fs::path out = folder.path() / std::to_string(sweeps);
      while (!finish_one(file, out, kills)) {
      }
      expect_same_results(undisturbed, out);
    }
  }

 private:
  /// False when the master was killed.
  bool finish_one(const std::string& file, const fs::path& out, int& kills) {
    RunningProgram program(
        sweep(file, out, {"--resume", "--reports", "--jobs", "2", "--retries", "1000"}));
    while (kills > 0) {
      usleep(static_cast<useconds_t>(10'000 + rng_.bits(draws_++) % 90'000));
      if (!program.running()) break;
      const std::vector<pid_t> workers = program.children();
      --kills;
      if (workers.empty() || rng_.bits(draws_++) % 3 == 0) {
        program.kill(SIGKILL);
        program.wait();
        return false;
      }
      ::kill(workers[rng_.bits(draws_++) % workers.size()], SIGKILL);
    }
    EXPECT_EQ(program.wait(), 0);
    return true;
  }

  CounterRng rng_;
  std::uint64_t draws_ = 0;
};

void kill_at_random(int kills, std::uint64_t seed) {
  const TemporaryFolder undisturbed;
  ASSERT_EQ(run_program(sweep(kTinySweep, undisturbed.path(), {"--reports"})).exit_code, 0);
  Killer(seed).run(kills, kTinySweep, undisturbed.path());
}

TEST(SweepFaults, KillsOfWorkersAndMasterChangeNoResult) { kill_at_random(10, 1); }

TEST(LongSweepFaults, AHundredKillsOfWorkersAndMasterChangeNoResult) { kill_at_random(100, 2); }

TEST(SweepFaults, AFullDiskStopsCleanlyAndResumeGoesOn) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program(sweep(kTinySweep, folder.path() / "whole")).exit_code, 0);
  const fs::path out = folder.path() / "limited";
  // A limit on the size of files, between two lines.
  std::vector<std::string> limited{"prlimit", "--fsize=5000"};
  for (const std::string& argument : sweep(kTinySweep, out, {"--jobs", "1"})) {
    limited.push_back(argument);
  }
  const ProgramResult stopped = run_program(limited);
  EXPECT_EQ(stopped.exit_code, 1);
  EXPECT_EQ(lines_of(stopped.out).back(),
            (out / "results.jsonl").string() +
                ": File too large; what was done is kept, --resume goes on");
  const std::string kept = content(out / "results.jsonl");
  ASSERT_FALSE(kept.empty());
  EXPECT_EQ(kept.back(), '\n');
  const std::vector<std::string> whole = sorted_lines(folder.path() / "whole/results.jsonl");
  for (const std::string& line : lines_of(kept)) EXPECT_THAT(whole, testing::Contains(line));
  EXPECT_EQ(run_program(sweep(kTinySweep, out, {"--resume"})).exit_code, 0);
  expect_same_results(folder.path() / "whole", out);
}

TEST(SweepFaults, CtrlCKeepsWhatIsDoneAndResumeGoesOn) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program(sweep(kTinySweep, folder.path() / "whole")).exit_code, 0);
  const fs::path out = folder.path() / "stopped";
  RunningProgram program(sweep(kTinySweep, out, {"--jobs", "1"}));
  while (program.running() && lines_of(content(out / "results.jsonl")).size() < 2) usleep(2000);
  program.kill(SIGINT);
  const int code = program.wait();
  const std::size_t done = lines_of(content(out / "results.jsonl")).size();
  EXPECT_EQ(code, done < 12 ? 1 : 0);
  EXPECT_THAT(lines_of(content(out / "results.csv")), SizeIs(done + 1));
  EXPECT_EQ(run_program(sweep(kTinySweep, out, {"--resume"})).exit_code, 0);
  expect_same_results(folder.path() / "whole", out);
}

TEST(SweepFaults, TwoSweepsNeverWriteOneFile) {
  const TemporaryFolder folder;
  RunningProgram first(sweep(kTinySweep, folder.path(), {"--jobs", "1"}));
  while (first.running() && !fs::exists(folder.path() / "results.jsonl")) usleep(1000);
  const ProgramResult second = run_program(sweep(kTinySweep, folder.path(), {"--resume"}));
  if (!first.running()) return;  // it was over before the second began
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.out, HasSubstr("results.jsonl: another sweep is writing it"));
}

/// The same command under mpirun: process 0 hands out the points to the two others.
std::vector<std::string> under_mpi(const std::vector<std::string>& command) {
  std::vector<std::string> arguments{
      "env",    "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1",
      "mpirun", "--oversubscribe",          "-n",
      "3"};
  arguments.insert(arguments.end(), command.begin(), command.end());
  return arguments;
}

TEST(SweepMpi, ResultsAreThoseOfWorkersOfOneMachine) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program(sweep(kTinySweep, folder.path() / "local", {"--reports"})).exit_code, 0);
  const ProgramResult result =
      run_program(under_mpi(sweep(kTinySweep, folder.path() / "mpi", {"--reports"})));
  ASSERT_EQ(result.exit_code, 0) << result.out;
  expect_same_results(folder.path() / "local", folder.path() / "mpi");
}

TEST(SweepMpi, AFaultIsToldOnceAndStopsAllProcesses) {
  const ProgramResult result = run_program(under_mpi(sweep("none.json", "nowhere")));
  EXPECT_EQ(result.exit_code, 2);
  std::size_t told = 0;
  for (const std::string& line : lines_of(result.out)) {
    told += line == "none.json: no such file" ? 1 : 0;
  }
  EXPECT_EQ(told, 1u) << result.out;
}

TEST(SweepMpi, AnInterruptedGroupIsResumedByOneProcess) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program(sweep(kTinySweep, folder.path() / "whole")).exit_code, 0);
  const fs::path out = folder.path() / "killed";
  RunningProgram program(under_mpi(sweep(kTinySweep, out)));
  while (program.running() && lines_of(content(out / "results.jsonl")).size() < 2) usleep(2000);
  for (const pid_t rank : program.children()) ::kill(rank, SIGKILL);
  program.wait();
  EXPECT_EQ(run_program(sweep(kTinySweep, out, {"--resume"})).exit_code, 0);
  expect_same_results(folder.path() / "whole", out);
}

}  // namespace
}  // namespace mxsim
