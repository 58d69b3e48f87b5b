// Work that is done once where it is provably the same: done again, it gives the same reports.
#include "models/core/reuse.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/config/load.h"
#include "sim/report/run_json.h"
#include "sim/run/run_cache.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

RunConfig config_with(const std::string& run, const std::vector<Override>& overrides) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + run + ".json", overrides);
}

struct Case {
  const char* run;
  std::vector<Override> sets;
};

void PrintTo(const Case& each, std::ostream* out) { *out << each.run; }

class Reuse : public ::testing::TestWithParam<Case> {};

TEST_P(Reuse, GivesTheReportOfWorkThatIsDoneAgain) {
  const RunConfig config = config_with(GetParam().run, GetParam().sets);
  const std::string once = to_json(run_once(config)).dump();
  const NoReuse no_reuse;
  ASSERT_FALSE(reuses_work());
  EXPECT_EQ(to_json(run_once(config)).dump(), once);
}

INSTANTIATE_TEST_SUITE_P(
    Runs, Reuse,
    ::testing::Values(Case{"tiny_cnn_train", {}}, Case{"tiny_mobilenet_train", {}},
                      Case{"tiny_vit_train", {{"/gradient_accumulation_steps", "2"}}},
                      // Attention in slices, of which the later ones take the mapping of the first.
                      Case{"tiny_vit_train", {{"/mapping/fuse_attention", "on"}}},
                      Case{"tiny_vit_train", {{"/mapping/dram_layout", "tile_major"}}},
                      Case{"tiny_cnn_train",
                           {{"/chip/dram/device", MXSIM_ROOT "/configs/dram/hbm2.json"}}},
                      Case{"lenet5_28_train", {{"/mode", "infer"}}}));

TEST(RunCache, SimulatesAgainWithoutReuse) {
  const RunConfig config = config_with("tiny_cnn_train", {});
  int groups = 0;
  RunCache cache([&](const std::string&, std::size_t, std::size_t) { ++groups; });
  cache.run(config, "first");
  const int of_one = groups;
  ASSERT_GT(of_one, 0);
  cache.run(config, "again");
  EXPECT_EQ(groups, of_one);
  const NoReuse no_reuse;
  cache.run(config, "once more");
  EXPECT_EQ(groups, 2 * of_one);
}

}  // namespace
}  // namespace mxsim
