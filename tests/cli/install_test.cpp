#include <gmock/gmock.h>

#include <string>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

TEST(Install, TheInstalledProgramFindsItsConfigurationsFromAnywhere) {
  const TemporaryFolder folder;
  const std::string prefix = folder.path().string();
  const ProgramResult installed = run_program(
      {"cmake", "--install", MXSIM_BUILD, "--prefix", prefix, "--component", "program"});
  ASSERT_EQ(installed.exit_code, 0) << installed.out;
  const ProgramResult checked = run_program(
      {"env", "--chdir=/", prefix + "/bin/mxsim", "check", "configs/runs/resnet18_train.json"});
  EXPECT_EQ(checked.exit_code, 0);
  EXPECT_THAT(checked.out,
              testing::StartsWith("configs/runs/resnet18_train.json: good run file\n"));
}

TEST(Install, TheProgramOfABuildTreeFindsTheSourceTree) {
  const ProgramResult checked = run_program(
      {"env", "--chdir=/", MXSIM_BUILD "/mxsim", "check", "configs/runs/resnet18_train.json"});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
}

TEST(Install, AFileThatIsNowhereIsNamedAsTheUserWroteIt) {
  const ProgramResult checked = run_program({MXSIM_BUILD "/mxsim", "check", "configs/none.json"});
  EXPECT_EQ(checked.exit_code, 2);
  EXPECT_EQ(checked.out, "configs/none.json: no such file\n");
}

}  // namespace
}  // namespace mxsim
