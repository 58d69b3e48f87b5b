#include "sim/cli/format_list.h"

#include <gmock/gmock.h>

#include "models/core/error.h"
#include "models/formats/format_parser.h"

namespace mxsim {
namespace {

using ::testing::ElementsAre;

TEST(WholeFormatNames, PutTensorCastsNamesTogetherAgain) {
  EXPECT_THAT(whole_format_names({"bf16", "int4", "float32_t0", "mxsf"}),
              ElementsAre("bf16", "int4,float32_t0", "mxsf"));
  EXPECT_THAT(whole_format_names({"e2m1fnuz", "e8m0_t32", "int8", "e8m0"}),
              ElementsAre("e2m1fnuz,e8m0_t32", "int8,e8m0"));
}

TEST(WholeFormatNames, LeaveNamesAndFaultsAlone) {
  EXPECT_THAT(whole_format_names({"mxsf:8x8", "mxfs", "float32_t0", "int4", "fp32"}),
              ElementsAre("mxsf:8x8", "mxfs", "float32_t0", "int4", "fp32"));
  EXPECT_THAT(whole_format_names({"int8", "e8m0_t32", "mxfs"}),
              ElementsAre("int8,e8m0_t32", "mxfs"));
  EXPECT_THAT(whole_format_names({}), ElementsAre());
}

TEST(WholeFormatNames, RefuseAWordForAScaleThatCouldBeAFormat) {
  const auto fault = [](const std::vector<std::string>& pieces) -> std::string {
    try {
      whole_format_names(pieces);
      return "";
    } catch (const InputError& error) {
      return error.what();
    }
  };
  EXPECT_EQ(
      fault({"bf16", "e2m1fin", "float32"}),
      "\"e2m1fin,float32\" is one format with a scale of the tensor, and two formats: expected "
      "\"e2m1fin,float32_t0_t0\" for the one, \"e2m1fin,fp32\" for the two");
  EXPECT_NE(fault({"int8,float32_t0", "int8", "float16"}), "");
  // What the message says to write.
  EXPECT_EQ(parse_format("e2m1fin,float32_t0_t0").scale, parse_format("e2m1fin,float32").scale);
  EXPECT_EQ(parse_format("e2m1fin,float32_t0_t0").default_block,
            parse_format("e2m1fin,float32").default_block);
  EXPECT_THAT(whole_format_names({"e2m1fin", "float32_t0_t0", "e2m1fin", "fp32"}),
              ElementsAre("e2m1fin,float32_t0_t0", "e2m1fin", "fp32"));
  // Two minifloats are two formats, a number without elements before it is a format.
  EXPECT_THAT(whole_format_names({"e4m3", "e5m2"}), ElementsAre("e4m3", "e5m2"));
  EXPECT_THAT(whole_format_names({"float32", "mxsf"}), ElementsAre("float32", "mxsf"));
  EXPECT_THAT(whole_format_names({"int8,float32_t0", "float32"}),
              ElementsAre("int8,float32_t0", "float32"));
}

}  // namespace
}  // namespace mxsim
