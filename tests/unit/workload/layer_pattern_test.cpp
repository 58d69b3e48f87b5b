#include "models/workload/layer_pattern.h"

#include <gtest/gtest.h>

#include "tests/support/diagnostics.h"

namespace mxsim {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(LayerPattern, MatchesWholeNames) {
  EXPECT_TRUE(LayerPattern("conv\\d").matches("conv1"));
  EXPECT_FALSE(LayerPattern("conv\\d").matches("conv12"));
  EXPECT_TRUE(LayerPattern("conv1|fc").matches("fc"));
  std::string captured = "old";
  EXPECT_TRUE(LayerPattern("(b\\d+)\\..*").matches("b12.act", captured));
  EXPECT_EQ(captured, "b12");
  EXPECT_TRUE(LayerPattern("b.*").matches("b1", captured));
  EXPECT_EQ(captured, "");
}

TEST(LayerPattern, OfAQuotedNameNamesItAlone) {
  for (const std::string name : {"a.b", "(*", "[x]{2}", "^$|?+\\", "größe"}) {
    EXPECT_TRUE(LayerPattern(LayerPattern::quoted(name)).matches(name)) << name;
    EXPECT_FALSE(LayerPattern(LayerPattern::quoted(name)).matches(name + "x")) << name;
  }
}

TEST(LayerPattern, TellsWhatIsWrong) {
  EXPECT_EQ(LayerPattern::fault("a.*"), "");
  EXPECT_EQ(LayerPattern::fault("("), "\"(\" is no regular expression: missing )");
  EXPECT_EQ(LayerPattern::fault("a(?=b)"),
            "\"a(?=b)\" is no regular expression: invalid perl operator");
  EXPECT_EQ(LayerPattern::fault(repeated("(", 20000)),
            "a text of 20000 bytes, expected a regular expression of at most 4096");
  EXPECT_EQ(fault_lines([] { LayerPattern("["); }),
            std::vector<std::string>{"\"[\" is no regular expression: missing ]"});
}

/// Expressions that take a backtracking engine exponential time, or a recursive one its stack.
TEST(LayerPattern, TakesNoLongerForHostileExpressions) {
  const std::string name(100'000, 'x');
  EXPECT_FALSE(LayerPattern("(.|.|.|.)*y").matches(name));
  EXPECT_FALSE(LayerPattern("(x*)*y").matches(name));
  EXPECT_FALSE(LayerPattern("(x+x+)+y").matches(name));
  EXPECT_TRUE(LayerPattern(".*").matches(name));
  const std::string nested = repeated("(", 900) + "x*" + repeated(")", 900);
  EXPECT_TRUE(LayerPattern(nested).matches(name));
  EXPECT_NE(LayerPattern::fault(repeated("(", 2000) + repeated(")", 2000)), "x");
  EXPECT_NE(LayerPattern::fault("((x{1000}){1000}){1000}"), "");
}

}  // namespace
}  // namespace mxsim
