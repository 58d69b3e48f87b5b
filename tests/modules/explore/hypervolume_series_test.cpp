#include "sim/explore/hypervolume_series.h"

#include <gmock/gmock.h>

#include "models/core/rng.h"

namespace mxsim {
namespace {

Evaluation evaluation(std::uint64_t point, Fitness fitness, PointStatus status = PointStatus::kOk) {
  return {point, 0, status, std::move(fitness)};
}

TEST(HypervolumeSeries, IsTheShareOfTheBoxBetweenTheGivenCorners) {
  SearchConfig search;
  search.ideal = {0, 10};
  search.reference = {100, 30};
  const HypervolumeSeries series =
      hypervolume_series({evaluation(0, {50, 20}), evaluation(1, {20, 28}), evaluation(2, {60, 25}),
                          evaluation(3, {0, 10})},
                         search);
  ASSERT_EQ(series.steps.size(), 4u);
  EXPECT_DOUBLE_EQ(series.steps[0].hypervolume, 0.5 * 0.5);
  EXPECT_DOUBLE_EQ(series.steps[1].hypervolume, 0.25 + 0.3 * 0.1);
  EXPECT_DOUBLE_EQ(series.steps[2].hypervolume, series.steps[1].hypervolume);
  EXPECT_DOUBLE_EQ(series.steps[3].hypervolume, 1);
  EXPECT_EQ(series.steps[1].front, 2u);
  EXPECT_EQ(series.steps[2].front, 2u);
  EXPECT_EQ(series.steps[3].front, 1u);
}

TEST(HypervolumeSeries, CornersThatAreNotGivenAreTheBestAndWorstValues) {
  const HypervolumeSeries series = hypervolume_series(
      {evaluation(0, {5, 7}), evaluation(1, {9, 3}), evaluation(2, {6, 4})}, SearchConfig());
  EXPECT_EQ(series.ideal, (Fitness{5, 3}));
  EXPECT_EQ(series.reference, (Fitness{9, 7}));
  EXPECT_DOUBLE_EQ(series.last(), 0.75 * 0.75);
}

TEST(HypervolumeSeries, AnObjectiveThatIsAlwaysTheSameDoesNotCount) {
  const HypervolumeSeries series = hypervolume_series(
      {evaluation(0, {5, 1, 7}), evaluation(1, {9, 1, 3}), evaluation(2, {6, 1, 4})},
      SearchConfig());
  EXPECT_DOUBLE_EQ(series.last(), 0.75 * 0.75);
}

TEST(HypervolumeSeries, FailedPointsAreNoSteps) {
  const HypervolumeSeries series =
      hypervolume_series({evaluation(0, {0, 0}, PointStatus::kFailed), evaluation(1, {1, 1}),
                          evaluation(2, {0, 0}, PointStatus::kLeftOut)},
                         SearchConfig());
  ASSERT_EQ(series.steps.size(), 1u);
  EXPECT_EQ(series.steps[0].evaluation.point, 1u);
  EXPECT_TRUE(hypervolume_series({}, SearchConfig()).steps.empty());
}

TEST(HypervolumeSeries, NeverFalls) {
  const CounterRng rng(1, "fitness");
  std::vector<Evaluation> evaluations;
  for (std::uint64_t i = 0; i < 300; ++i) {
    evaluations.push_back(
        evaluation(i, {rng.uniform(3 * i), rng.uniform(3 * i + 1), rng.uniform(3 * i + 2)}));
  }
  const HypervolumeSeries series = hypervolume_series(evaluations, SearchConfig());
  for (std::size_t i = 1; i < series.steps.size(); ++i) {
    EXPECT_GE(series.steps[i].hypervolume, series.steps[i - 1].hypervolume);
  }
  EXPECT_GT(series.last(), 0.8);
  EXPECT_LT(series.last(), 1);
}

}  // namespace
}  // namespace mxsim
