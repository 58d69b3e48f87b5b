#include "sim/cli/format_list.h"

#include <gmock/gmock.h>

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

}  // namespace
}  // namespace mxsim
