#include "models/core/stall_cause.h"

#include <gtest/gtest.h>

#include <set>

namespace mxsim {
namespace {

TEST(StallCause, EveryCauseHasItsOwnName) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kStallCauseCount; ++i) {
    names.insert(to_string(static_cast<StallCause>(i)));
  }
  EXPECT_EQ(names.size(), kStallCauseCount);
  EXPECT_FALSE(names.contains(""));
}

TEST(StallCycles, AddUpAndSubtractByCause) {
  StallCycles a;
  a[StallCause::kDram] = Cycles(5);
  StallCycles b = a;
  b[StallCause::kVector] = Cycles(7);
  StallCycles sum = a;
  sum += b;
  EXPECT_EQ(sum.total(), Cycles(17));
  EXPECT_EQ(sum.since(a), b);
  EXPECT_EQ(sum.largest(), StallCause::kDram);
}

}  // namespace
}  // namespace mxsim
