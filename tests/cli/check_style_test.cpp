#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using testing::HasSubstr;

constexpr const char* kChecker = MXSIM_ROOT "/scripts/check-style";

struct Violation {
  std::string file;
  std::string content;
  std::string expected;
};

std::string lines(int count, const std::string& line) {
  std::string text;
  for (int i = 0; i < count; ++i) text += line + "\n";
  return text;
}

const std::vector<Violation>& planted() {
  static const std::vector<Violation> list{
      {"models/a0.cpp", "#include <systemc>\n",
       "models/a0.cpp:1: models/ must not include systemc"},
      {"models/a1.cpp", "#include <nlohmann/json.hpp>\n",
       "models/a1.cpp:1: models/ must not include nlohmann/json.hpp"},
      {"models/a2.cpp", "#include \"sim/report/version.h\"\n",
       "models/a2.cpp:1: models/ must not include sim/report/version.h"},
      {"sim/cli/a3.cpp", "#include <nlohmann/json.hpp>\n",
       "sim/cli/a3.cpp:1: JSON belongs into config, explore, import, json, report of sim/"},
      {"sim/array/a4.cpp", "#include \"models/energy/price.h\"\n",
       "sim/array/a4.cpp:1: modules count events; energy is priced afterwards"},
      {"sim/run/a5.cpp", "const char* a = getenv(\"A\");\n",
       "sim/run/a5.cpp:1: clock, environment or unseeded random numbers"},
      {"models/a6.cpp", "int a = std::rand();\n",
       "models/a6.cpp:1: clock, environment or unseeded random numbers"},
      {"models/a7.cpp",
       "// FIX"
       "ME\n",
       "models/a7.cpp:1: unfinished work"},
      {"models/a8.h", "int a();\n", "models/a8.h:1: header without #pragma once"},
      {"models/FileName.cpp", "int a;\n", "models/FileName.cpp:1: file name is not snake_case"},
      {"models/a10.cpp", "int   a;\n", "models/a10.cpp:1: not as clang-format-14 writes it"},
      {"models/a11.cpp", lines(501, "int f();"), "models/a11.cpp:1: 501 lines, at most 500"},
      {"models/a12.cpp", "int f() {\n" + lines(61, "  g();") + "}\n",
       "models/a12.cpp:1: function of 61 lines, at most 60"},
      {"tests/units/a13_test.cpp", "int a;\n",
       "tests/units/a13_test.cpp:1: no test target takes this file"},
      {"tests/unit/a14.cpp", "int a;\n",
       "tests/unit/a14.cpp:1: not named *_test.cpp, so no test target takes this file"},
      {"tests/unit/nowhere/a15_test.cpp", "int a;\n",
       "tests/unit/nowhere/a15_test.cpp:1: tests/unit mirrors models/, which has no nowhere"},
  };
  return list;
}

ProgramResult check(const TemporaryFolder& folder) {
  return run_program({kChecker, "--root", folder.path().string()});
}

TEST(CheckStyle, FindsEveryPlantedViolation) {
  const TemporaryFolder folder;
  folder.write("tests/CMakeLists.txt", "foreach(folder unit modules)\n");
  for (const Violation& violation : planted()) folder.write(violation.file, violation.content);
  const ProgramResult result = check(folder);
  EXPECT_EQ(result.exit_code, 1);
  for (const Violation& violation : planted()) {
    EXPECT_THAT(result.out, HasSubstr(violation.expected + "\n"));
  }
}

TEST(CheckStyle, FindsSizesThatGrewEverywhere) {
  const TemporaryFolder folder;
  for (const char* name : {"models/a.cpp", "models/b.cpp", "models/c.cpp"}) {
    folder.write(name, "int f() {\n" + lines(45, "  g();") + "}\n" + lines(320, "int f();"));
  }
  EXPECT_THAT(check(folder).out,
              AllOf(HasSubstr("median file: 367 lines, at most 90"),
                    HasSubstr("95th percentile of files: 367 lines, at most 350"),
                    HasSubstr("95th percentile of functions: 45 lines, at most 40")));
}

TEST(CheckStyle, FindsFoldersThatIncludeEachOther) {
  const TemporaryFolder folder;
  folder.write("tests/CMakeLists.txt", "foreach(folder unit modules)\n");
  folder.write("models/low/a.h", "#pragma once\n\n#include \"models/high/b.h\"\n");
  folder.write("models/high/b.h", "#pragma once\n\n#include \"models/low/c.h\"\n");
  folder.write("models/low/c.h", "#pragma once\n");
  const ProgramResult result = check(folder);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("folders in a cycle: "));
  EXPECT_THAT(result.out, HasSubstr("models/low/a.h includes models/high/b.h"));
  EXPECT_THAT(result.out, HasSubstr("models/high/b.h includes models/low/c.h"));
}

TEST(CheckStyle, AcceptsCleanSources) {
  const TemporaryFolder folder;
  folder.write("tests/CMakeLists.txt", "foreach(folder unit modules)\n");
  folder.write("models/core/a.h", "#pragma once\n\nint f();\n");
  folder.write("tests/unit/core/a_test.cpp",
               "#include \"models/core/a.h\"\n\nint g() { return f(); }\n");
  const ProgramResult result = check(folder);
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_EQ(result.out, "2 files, 0 violations\n");
}

}  // namespace
}  // namespace mxsim
