#include "sim/explore/pareto_front.h"

#include <gtest/gtest.h>

#include "models/core/rng.h"

namespace mxsim {
namespace {

TEST(ParetoFront, HasWhatNoOtherBeats) {
  EXPECT_EQ(pareto_front({{1, 3}, {2, 2}, {3, 1}, {3, 3}, {2, 3}}),
            (std::vector<bool>{true, true, true, false, false}));
}

TEST(ParetoFront, KeepsEqualVectorsTogether) {
  EXPECT_EQ(pareto_front({{1, 1}, {1, 1}, {1, 2}}), (std::vector<bool>{true, true, false}));
}

TEST(ParetoFront, IsThatOfAComparisonOfAllPairs) {
  const CounterRng rng(1, "front");
  for (std::size_t length = 1; length <= 5; ++length) {
    std::vector<std::vector<double>> values(200, std::vector<double>(length));
    std::uint64_t index = length * 10000;
    for (std::vector<double>& row : values) {
      for (double& each : row) each = static_cast<double>(rng.bits(index++) % 8);
    }
    const std::vector<bool> front = pareto_front(values);
    for (std::size_t i = 0; i < values.size(); ++i) {
      bool beaten = false;
      for (const std::vector<double>& other : values) {
        bool nowhere_larger = true;
        for (std::size_t k = 0; k < length; ++k) nowhere_larger &= other[k] <= values[i][k];
        beaten |= nowhere_larger && other != values[i];
      }
      EXPECT_EQ(front[i], !beaten);
    }
  }
}

}  // namespace
}  // namespace mxsim
