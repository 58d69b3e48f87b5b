#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>

#include "sim/config/file_kind.h"
#include "sim/json/strict_json.h"
#include "sim/report/config_report.h"

namespace mxsim {
namespace {

constexpr const char* kHint = " is not current: run scripts/update-docs";

TEST(GeneratedDocs, TheSchemaOfEveryKindOfFileIsCurrent) {
  for (const FileKind& kind : file_kinds()) {
    const std::string path = std::string(MXSIM_ROOT "/configs/schema/") + kind.name + ".json";
    EXPECT_TRUE(read_text_file(path) == schema_json(kind)) << path << kHint;
  }
}

TEST(GeneratedDocs, TheTableOfKeysOfEveryKindOfFileIsCurrent) {
  for (const FileKind& kind : file_kinds()) {
    const std::string path = std::string(MXSIM_ROOT "/configs/keys/") + kind.name + ".md";
    const std::string section = "<!-- keys of " + kind.name + ": begin -->\n" +
                                describe_markdown(kind.fields()) + "<!-- keys of " + kind.name +
                                ": end -->";
    EXPECT_NE(read_text_file(path).find(section), std::string::npos) << path << kHint;
  }
}

}  // namespace
}  // namespace mxsim
