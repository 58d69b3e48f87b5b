#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sim/config/file_kind.h"
#include "sim/config/strict_json.h"
#include "sim/report/config_report.h"

namespace mxsim {
namespace {

using testing::HasSubstr;

constexpr const char* kHint = "run scripts/update-docs";

TEST(GeneratedDocs, TheSchemaOfEveryKindOfFileIsCurrent) {
  for (const FileKind& kind : file_kinds()) {
    const std::string path = std::string(MXSIM_ROOT "/configs/schema/") + kind.name + ".json";
    EXPECT_EQ(read_text_file(path), schema_json(kind)) << kHint;
  }
}

TEST(GeneratedDocs, TheKeyTablesInTheReadmeAreCurrent) {
  const std::string readme = read_text_file(MXSIM_ROOT "/configs/README.md");
  for (const FileKind& kind : file_kinds()) {
    const std::string section = "<!-- keys of " + kind.name + ": begin -->\n" +
                                describe_markdown(kind.fields()) + "<!-- keys of " + kind.name +
                                ": end -->";
    EXPECT_THAT(readme, HasSubstr(section)) << kHint;
  }
}

}  // namespace
}  // namespace mxsim
