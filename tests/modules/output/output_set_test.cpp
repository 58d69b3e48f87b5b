#include "sim/output/output_set.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "models/core/error.h"
#include "tests/support/diagnostics.h"
#include "tests/support/file_text.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

namespace fs = std::filesystem;

std::size_t entries(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(OutputSet, AppearsWithItsFolders) {
  const TemporaryFolder folder;
  const std::string inner = (folder.path() / "a/b").string();
  OutputSet set;
  set.folder(inner);
  set.write(inner + "/x", "1");
  set.write((folder.path() / "y").string(), "2");
  EXPECT_FALSE(fs::exists(inner + "/x"));
  set.commit();
  EXPECT_EQ(content(inner + "/x"), "1");
  EXPECT_EQ(content(folder.path() / "y"), "2");
  EXPECT_EQ(entries(inner), 1u);
}

TEST(OutputSet, LeavesNothingWithoutACommit) {
  const TemporaryFolder folder;
  const std::string inner = (folder.path() / "a/b").string();
  {
    OutputSet set;
    set.folder(inner);
    set.write(inner + "/x", "1");
  }
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(OutputSet, ReplacesFilesAndLeavesNoCopyOfThem) {
  const TemporaryFolder folder;
  folder.write("x", "old x");
  OutputSet set;
  set.write((folder.path() / "x").string(), "new x");
  set.write((folder.path() / "y").string(), "new y");
  set.commit();
  EXPECT_EQ(content(folder.path() / "x"), "new x");
  EXPECT_EQ(content(folder.path() / "y"), "new y");
  // Copies go with the set.
}

/// The second file cannot get its name: the first has the content from before.
TEST(OutputSet, GivesBackWhatItHadReplaced) {
  const TemporaryFolder folder;
  folder.write("x", "old x");
  {
    OutputSet set;
    set.write((folder.path() / "x").string(), "new x");
    set.write((folder.path() / "n").string(), "new n");
    set.write((folder.path() / "y").string(), "new y");
    fs::create_directories(folder.path() / "y/full");  // since the set was opened
    EXPECT_THROW(set.commit(), std::runtime_error);
  }
  EXPECT_EQ(content(folder.path() / "x"), "old x");
  EXPECT_FALSE(fs::exists(folder.path() / "n"));
  EXPECT_EQ(entries(folder.path()), 2u);
}

/// A file that may not grow further is as good as a full disk.
TEST(OutputSet, KeepsAllOldFilesWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  folder.write("x", "old x");
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, RLIM_INFINITY};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    OutputSet set;
    set.write((folder.path() / "x").string(), "new x");
    EXPECT_THROW(set.write((folder.path() / "y").string(), std::string(2000, 'y')),
                 std::runtime_error);
  }
  EXPECT_EQ(content(folder.path() / "x"), "old x");
  EXPECT_EQ(entries(folder.path()), 1u);
}

TEST(TryOutputs, NamesThePlaceAndLeavesNothing) {
  const TemporaryFolder folder;
  const std::string base = folder.path().string();
  try_outputs(base + "/new/folder", {base + "/new/folder/report.json", "", base + "/t.json"});
  EXPECT_TRUE(fs::is_empty(folder.path()));
  folder.write("file", "");
  EXPECT_EQ(fault_lines([&] { try_outputs(base + "/file/out", {}); }),
            std::vector<std::string>{base + "/file/out: cannot be made a folder: File exists"});
  EXPECT_EQ(
      fault_lines([&] { try_outputs("", {base + "/none/t"}); }),
      std::vector<std::string>{base + "/none/t: cannot be written: No such file or directory"});
  EXPECT_EQ(fault_lines([&] {
              try_outputs(base, {base + "/a", base + "/./a"});
            }),
            std::vector<std::string>{base + "/./a: is to hold two of the results"});
  EXPECT_EQ(fault_lines([&] { try_outputs("", {"/dev/null"}); }),
            std::vector<std::string>{"/dev/null: is not a regular file"});
  EXPECT_EQ(entries(folder.path()), 1u);
}

}  // namespace
}  // namespace mxsim
