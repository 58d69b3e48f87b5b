#include "sim/explore/space.h"

#include <gmock/gmock.h>

#include <set>

#include "sim/config/load.h"
#include "sim/explore/sweep.h"
#include "tests/support/temporary_folder.h"

namespace mxsim {
namespace {

using ::testing::ElementsAre;

SweepConfig sweep_of(const std::string& axes) {
  const TemporaryFolder folder;
  folder.write("run.json", "{}");
  return load_config<SweepConfig>(
      folder.write("sweep.json", R"({"base": "run.json", "axes": )" + axes + "}"));
}

std::vector<std::string> points_of(const Space& space) {
  std::vector<std::string> points;
  for (std::uint64_t i = 0; i < space.points().value(); ++i) {
    points.push_back(settings_text(space.settings(space.coordinates(i))));
  }
  return points;
}

TEST(Space, TheLastAxisChangesFastest) {
  const Space space(sweep_of(R"([{"key": "/batch", "values": [1, 2]},
                                 {"key": "/formats/default", "values": ["bf16", "mxsf"]}])"),
                    "sweep.json");
  EXPECT_THAT(
      points_of(space),
      ElementsAre("/batch=1 /formats/default=\"bf16\"", "/batch=1 /formats/default=\"mxsf\"",
                  "/batch=2 /formats/default=\"bf16\"", "/batch=2 /formats/default=\"mxsf\""));
}

TEST(Space, KeysOfAZipChangeTogether) {
  const Space space(sweep_of(R"([{"zip": [{"key": "/batch", "values": [1, 2]},
                                          {"key": "/seed", "range": {"from": 5, "to": 6}}]}])"),
                    "sweep.json");
  EXPECT_THAT(points_of(space), ElementsAre("/batch=1 /seed=5", "/batch=2 /seed=6"));
}

TEST(Space, RangesAndPowersIncludeTheirEnds) {
  EXPECT_THAT(
      points_of(
          Space(sweep_of(R"([{"key": "/batch", "range": {"from": 2, "to": 9, "step": 3}}])"), "")),
      ElementsAre("/batch=2", "/batch=5", "/batch=8"));
  EXPECT_THAT(
      points_of(Space(
          sweep_of(R"([{"key": "/batch", "range": {"from": 0, "to": 0.3, "step": 0.1}}])"), "")),
      ElementsAre("/batch=0", "/batch=0.1", "/batch=0.2", "/batch=0.3"));
  EXPECT_THAT(points_of(Space(
                  sweep_of(R"([{"key": "/batch", "powers_of_two": {"from": 4, "to": 16}}])"), "")),
              ElementsAre("/batch=4", "/batch=8", "/batch=16"));
}

TEST(Space, RandomValuesFollowTheirSeedAndStayInRange) {
  const auto drawn = [](const std::string& random) {
    return points_of(Space(sweep_of(R"([{"key": "/batch", "random": )" + random + "}]"), ""));
  };
  const std::string uniform = R"({"from": 3, "to": 60, "step": 4, "count": 300, "seed": )";
  EXPECT_EQ(drawn(uniform + "1}"), drawn(uniform + "1}"));
  EXPECT_NE(drawn(uniform + "1}"), drawn(uniform + "2}"));
  const std::vector<std::string> steps = drawn(uniform + "1}");
  EXPECT_EQ(std::set(steps.begin(), steps.end()).size(), 15u);  // 3, 7, ..., 59
  double below_ten = 0;
  for (const std::string& point :
       drawn(R"({"distribution": "log_uniform", "from": 1, "to": 100, "count": 2000})")) {
    const double value = std::stod(point.substr(7));
    EXPECT_GE(value, 1);
    EXPECT_LE(value, 100);
    below_ten += value < 10 ? 1 : 0;
  }
  EXPECT_NEAR(below_ten / 2000, 0.5, 0.05);  // half of the decades; 4.5 deviations
}

TEST(Space, AChoiceDrawsFromItsList) {
  const std::vector<std::string> points =
      points_of(Space(sweep_of(R"([{"key": "/formats/default", "random":
                          {"distribution": "choice", "of": ["a", "b"], "count": 40}}])"),
                      ""));
  EXPECT_EQ(points.size(), 40u);
  EXPECT_EQ(std::set(points.begin(), points.end()),
            (std::set<std::string>{"/formats/default=\"a\"", "/formats/default=\"b\""}));
}

TEST(Space, ASampleTakesSoManyDifferentPointsOfTheGrid) {
  for (const std::int64_t count : {1, 10, 99, 100}) {
    const std::vector<std::uint64_t> points = sampled_points({count, 3}, 100);
    EXPECT_EQ(std::set(points.begin(), points.end()).size(), static_cast<std::size_t>(count));
    EXPECT_LT(points.back(), 100u);
  }
  EXPECT_EQ(sampled_points({10, 3}, std::uint64_t{1} << 60).size(), 10u);
  EXPECT_NE(sampled_points({10, 3}, 100), sampled_points({10, 4}, 100));
  EXPECT_EQ(sampled_points({}, 3), (std::vector<std::uint64_t>{0, 1, 2}));
}

}  // namespace
}  // namespace mxsim
