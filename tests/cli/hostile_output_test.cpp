// Outputs that cannot be written: closed and full streams, places that are no files, limits.
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/command.h"
#include "tests/support/file_text.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kRun = MXSIM_ROOT "/configs/runs/tiny_cnn_train.json";
constexpr const char* kDevice = MXSIM_ROOT "/configs/dram/ddr4-3200.json";
constexpr const char* kLost = "standard output: cannot be written: the result is not whole\n";

/// The program under a shell: `line` holds its arguments and redirections.
ProgramResult shell(const std::string& line) {
  return run_program({"/bin/sh", "-c", "exec " MXSIM_BUILD "/mxsim " + line});
}

TEST(HostileOutput, AResultThatDoesNotArriveIsAFailure) {
  const std::string run = std::string("run ") + kRun;
  for (const std::string& command :
       {run + " --json", run, std::string("check ") + kRun, std::string("formats"),
        std::string("describe"), std::string("gemm 8 8 8"), std::string("--help"),
        std::string("--version")}) {
    for (const char* place : {" >/dev/full", " >&-"}) {
      const ProgramResult result = shell(command + place);
      EXPECT_EQ(result.exit_code, 1) << command << place;
      EXPECT_THAT(result.out, testing::EndsWith(kLost)) << command << place;
    }
  }
}

TEST(HostileOutput, AReaderThatGoesAwayIsAFailureToo) {
  const ProgramResult result = run_program(
      {"/bin/sh", "-c",
       "{ " MXSIM_BUILD
       "/mxsim describe --json; echo \"ended with $?\" >&2; } | head -c 100 >/dev/null"});
  EXPECT_THAT(result.out, HasSubstr("ended with 1")) << result.out;
}

/// Files take the lowest free descriptor: without care, progress would go into them.
TEST(HostileOutput, ClosedDescriptorsAreNoFiles) {
  const TemporaryFolder folder;
  const std::string open = (folder.path() / "open").string();
  const std::string closed = (folder.path() / "closed").string();
  const std::string sweep =
      std::string("sweep ") + MXSIM_ROOT "/configs/sweeps/tiny_cnn.json --out ";
  ASSERT_EQ(shell(sweep + open).exit_code, 0);
  EXPECT_EQ(shell(sweep + closed + " 2>&-").exit_code, 0);
  EXPECT_EQ(sorted_lines(fs::path(open) / "results.jsonl"),
            sorted_lines(fs::path(closed) / "results.jsonl"));
  const std::string report = (folder.path() / "run").string();
  EXPECT_EQ(shell("run " + std::string(kRun) + " --out " + report + " <&- 2>&- >&-").exit_code, 1);
  EXPECT_THAT(content(report + "/report.json"), StartsWith("{"));
}

TEST(HostileOutput, PlacesAreTriedBeforeAnythingRuns) {
  const TemporaryFolder folder;
  const std::string base = folder.path().string();
  folder.write("file", "");
  const std::string trace = folder.write("t.trc", "0x0 READ 0\n");
  struct Case {
    std::vector<std::string> arguments;
    std::string line;
  };
  const std::vector<Case> cases{
      {{"run", kRun, "--out", base + "/file/out"}, base + "/file/out: cannot be made a folder: "},
      {{"run", kRun, "--timeline", base + "/none/t"}, base + "/none/t: cannot be written: "},
      {{"run", kRun, "--timeline", base}, base + ": is a folder"},
      {{"run", kRun, "--timeline", "/dev/full"}, "/dev/full: is not a regular file"},
      {{"run", kRun, "--out", base, "--timeline", base + "/report.json"},
       base + "/report.json: is to hold two of the results"},
      {{"compare", kRun, "--out", base + "/file"}, base + "/file: cannot be made a folder: "},
      {{"dram", "--device", kDevice, "--trace", trace, "--commands", base + "/none/c"},
       base + "/none/c: cannot be written: "},
      {{"trace", "import", MXSIM_ROOT "/tests/data/import/none.onnx", "-o", base + "/none/t"}, ""},
  };
  for (const Case& each : cases) {
    const CommandResult result = run_command(each.arguments);
    EXPECT_EQ(result.exit_code, 2) << each.line;
    EXPECT_THAT(result.err, StartsWith(each.line));
    EXPECT_EQ(lines_of(result.err).size(), 1u) << result.err;
    EXPECT_EQ(result.out, "");
  }
}

TEST(HostileOutput, EmptyValuesOfOptionsAreRefused) {
  for (const char* option : {"--out", "--timeline", "--format", "--mode", "--workload", "--vcd"}) {
    const CommandResult result = run_command({"run", kRun, option, ""});
    EXPECT_EQ(result.exit_code, 2) << option;
    EXPECT_THAT(result.err,
                HasSubstr(std::string(option) + ": got \"\", expected a text that is not empty"));
  }
}

/// A limit on the size of files ends a write as a full disk does.
TEST(HostileOutput, SetsOfFilesAppearWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const std::string out = (folder.path() / "out").string();
  const std::string run = "run " + std::string(kRun) + " --out " + out + " --timeline " +
                          (folder.path() / "t.json").string();
  // Kilobytes (dash counts blocks of 512 bytes): each file of the set is the first to fail once.
  for (const char* limit : {"0", "2", "8", "32", "64", "128"}) {
    const ProgramResult result =
        run_program({"/bin/sh", "-c",
                     std::string("ulimit -f ") + limit + "; exec " MXSIM_BUILD "/mxsim " + run});
    const bool done = result.exit_code == 0;
    if (!done) {
      EXPECT_EQ(result.exit_code, 1) << limit << result.out;
      EXPECT_THAT(result.out, HasSubstr("File too large")) << limit;
    }
    EXPECT_EQ(fs::exists(out), done) << limit;
    EXPECT_EQ(fs::exists(folder.path() / "t.json"), done) << limit;
    fs::remove_all(out);
    fs::remove(folder.path() / "t.json");
    EXPECT_TRUE(fs::is_empty(folder.path())) << limit;
  }
}

TEST(HostileOutput, AnInputWithoutANameIsRefused) {
  const CommandResult result = run_command({"quantize", "", "--format", "mxsf"});
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_EQ(result.err, "no such file\n");
}

/// The trace and the archive of its weights, when the disk fills before the second.
TEST(HostileOutput, AnImportWithWeightsAppearsWholeOrNotAtAll) {
  const TemporaryFolder folder;
  const std::string base = folder.path().string();
  const std::string line = std::string("trace import ") + MXSIM_ROOT +
                           "/tests/data/import/made/weighted.onnx -o " + base +
                           "/t.json --weights " + base + "/w.npz";
  ASSERT_EQ(shell(line).exit_code, 0);
  const auto blocks = [&](const char* name) { return fs::file_size(base + name) / 512; };
  const std::uintmax_t limit = std::min(blocks("/t.json"), blocks("/w.npz"));
  ASSERT_NE(blocks("/t.json"), blocks("/w.npz"));
  fs::remove(base + "/t.json");
  fs::remove(base + "/w.npz");
  const ProgramResult result = run_program(
      {"/bin/sh", "-c",
       "ulimit -f " + std::to_string(limit + 1) + "; exec " MXSIM_BUILD "/mxsim " + line});
  EXPECT_EQ(result.exit_code, 1) << result.out;
  EXPECT_THAT(result.out, HasSubstr("File too large"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(HostileOutput, AWaveformThatDoesNotFitIsAFailure) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "a.vcd").string();
  const std::string gemm = "gemm 16 16 16 --array 8x8 --fidelity pe --vcd " + path;
  ASSERT_EQ(shell(gemm).exit_code, 0);
  fs::remove(path);
  const ProgramResult result =
      run_program({"/bin/sh", "-c", "ulimit -f 16; exec " MXSIM_BUILD "/mxsim " + gemm});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("a.vcd: File too large"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace mxsim
