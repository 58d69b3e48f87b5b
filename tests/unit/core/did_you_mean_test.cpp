#include "models/core/did_you_mean.h"

#include <gtest/gtest.h>

namespace mxsim {
namespace {

TEST(DidYouMean, AWrongAMissingAnExtraAndASwappedLetterAreOneStepEach) {
  const std::vector<std::string> names{"rows", "columns"};
  for (const char* typo : {"rowz", "row", "rowss", "orws"}) {
    EXPECT_EQ(closest_name(typo, names), "rows") << typo;
  }
  EXPECT_EQ(did_you_mean("colmuns", names), ", did you mean \"columns\"?");
}

TEST(DidYouMean, NothingCloseGivesNoSuggestion) {
  EXPECT_EQ(did_you_mean("depth", {"rows", "columns"}), "");
  EXPECT_EQ(did_you_mean("", {"rows"}), "");
}

TEST(DidYouMean, TheFirstOfEquallyCloseNamesIsGiven) {
  EXPECT_EQ(closest_name("bat", {"bar", "cat"}), "bar");
}

}  // namespace
}  // namespace mxsim
