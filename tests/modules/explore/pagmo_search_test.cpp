#include "sim/explore/pagmo_search.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "sim/explore/pareto_front.h"

namespace mxsim {
namespace {

/// Two valleys that pull apart: the front is where both coordinates are equal.
Fitness valleys(const Coordinates& at) {
  const double x = at[0];
  const double y = at[1];
  return {x + (x - y) * (x - y), 40 - x + 2 * (x - y) * (x - y)};
}

struct Found {
  std::vector<Coordinates> asked;  ///< in order
  std::vector<Coordinates> population;
};

Found search(const Nsga2Rules& rules, int generations) {
  Found found;
  Nsga2 nsga2({41, 41}, 2, rules, [&](const std::vector<Coordinates>& batch) {
    std::vector<Fitness> all;
    for (const Coordinates& at : batch) {
      found.asked.push_back(at);
      all.push_back(valleys(at));
    }
    return all;
  });
  for (int i = 0; i < generations; ++i) nsga2.next_generation();
  found.population = nsga2.population();
  return found;
}

TEST(Nsga2, TheSameSeedAsksForTheSamePointsInTheSameOrder) {
  const Found once = search({24, 7, 0.9, 0.3}, 8);
  const Found again = search({24, 7, 0.9, 0.3}, 8);
  EXPECT_EQ(once.asked, again.asked);
  EXPECT_EQ(once.population, again.population);
  EXPECT_NE(once.asked, search({24, 8, 0.9, 0.3}, 8).asked);
  EXPECT_EQ(once.asked.size(), 24u * 9);
}

TEST(Nsga2, CoordinatesStayOnTheirAxes) {
  for (const Coordinates& at : search({40, 3, 0.95, 0.5}, 20).asked) {
    ASSERT_EQ(at.size(), 2u);
    EXPECT_LT(std::max(at[0], at[1]), 41u);
  }
}

TEST(Nsga2, ThePopulationComesCloserToTheFront) {
  const auto distance = [](const std::vector<Coordinates>& points) {
    double sum = 0;
    for (const Coordinates& at : points) {
      const double apart = static_cast<double>(at[0]) - static_cast<double>(at[1]);
      sum += apart * apart;
    }
    return sum / static_cast<double>(points.size());
  };
  const Nsga2Rules rules{24, 1, 0.95, 0.5};
  const double first = distance(search(rules, 0).population);
  EXPECT_LT(distance(search(rules, 30).population), first / 20);
}

TEST(Nsga2, AReplacedIndividualIsThere) {
  Nsga2 nsga2({5, 5}, 2, {8, 1, 0.9, 0.5}, [](const std::vector<Coordinates>& batch) {
    std::vector<Fitness> all;
    for (const Coordinates& at : batch) all.push_back(valleys(at));
    return all;
  });
  const std::vector<std::size_t> order = nsga2.worst_first();
  EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 8u);
  nsga2.replace(order[0], {3, 3}, valleys({3, 3}));
  EXPECT_EQ(nsga2.population()[order[0]], (Coordinates{3, 3}));
}

TEST(Nsga2, WhatTheEvaluationThrowsComesOut) {
  EXPECT_THROW(Nsga2({5, 5}, 2, {8, 1, 0.9, 0.5},
                     [](const std::vector<Coordinates>&) -> std::vector<Fitness> {
                       throw std::runtime_error("no workers");
                     }),
               std::runtime_error);
}

TEST(Hypervolume, BoxesThatOverlapCountOnce) {
  EXPECT_DOUBLE_EQ(hypervolume({{0.25, 0.5}}, {1, 1}), 0.75 * 0.5);
  EXPECT_DOUBLE_EQ(hypervolume({{0.25, 0.5}, {0.5, 0.25}}, {1, 1}),
                   0.75 * 0.5 + 0.5 * 0.75 - 0.5 * 0.5);
  EXPECT_DOUBLE_EQ(hypervolume({{0.5, 0.5, 0.5}, {0.25, 0.75, 0.5}}, {1, 1, 1}),
                   0.125 + 0.75 * 0.25 * 0.5 - 0.5 * 0.25 * 0.5);
}

TEST(Hypervolume, PointsThatAreNotBetterInEveryObjectiveAddNothing) {
  EXPECT_EQ(hypervolume({{1, 0}, {0.5, 1.5}}, {1, 1}), 0);
  EXPECT_EQ(hypervolume({}, {1, 1}), 0);
  EXPECT_DOUBLE_EQ(hypervolume({{1, 0}, {0.5, 0.5}}, {1, 1}), 0.25);
}

}  // namespace
}  // namespace mxsim
