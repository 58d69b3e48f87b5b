// What is kept on the chip between groups when the planner decides.
#include "models/mapping/network_choice.h"

#include <gtest/gtest.h>

#include "sim/config/load.h"
#include "sim/run/run_once.h"

namespace mxsim {
namespace {

RunConfig config_with(const std::string& run, std::vector<Override> overrides) {
  return load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + run + ".json", std::move(overrides));
}

const std::vector<Override> kAuto{{"/mapping/keep_on_chip_bytes", "auto"}};

PlannedWork planned(const RunConfig& config) {
  return planned_work(config, dram_device(config.chip.dram));
}

std::int64_t traffic(const SimulationResult& result) {
  return (result.dram.read_moved + result.dram.write_moved).count();
}

class ChosenNetwork : public ::testing::TestWithParam<const char*> {};

TEST_P(ChosenNetwork, MovesNoMoreThanOneWithNothingKeptWhenTrafficCounts) {
  std::vector<Override> overrides{{"/mapping/objective", "dram_bytes"}};
  const SimulationResult without = simulate_once(config_with(GetParam(), overrides));
  overrides.insert(overrides.end(), kAuto.begin(), kAuto.end());
  const SimulationResult with = simulate_once(config_with(GetParam(), overrides));
  EXPECT_LE(traffic(with), traffic(without));
  EXPECT_LE(with.memory.kept.peak, with.choice.kept);
}

TEST_P(ChosenNetwork, IsTheSameEveryTime) {
  const RunConfig config = config_with(GetParam(), kAuto);
  EXPECT_EQ(planned(config).choice, planned(config).choice);
}

TEST_P(ChosenNetwork, FollowsWhatTheUserFixes) {
  const PlannedWork fixed = planned(config_with(
      GetParam(), {{"/mapping/keep_on_chip_bytes", "1024"}, {"/mapping/fuse_attention", "off"}}));
  EXPECT_EQ(fixed.choice, (NetworkChoice{Bytes(1024), AttentionFusion::kOff}));
  EXPECT_EQ(fixed.policy.kept_bytes(), Bytes(1024));
  const PlannedWork none = planned(config_with(GetParam(), {{"/mapping/keep_on_chip_bytes", "0"}}));
  EXPECT_EQ(none.choice, NetworkChoice{});
}

INSTANTIATE_TEST_SUITE_P(Runs, ChosenNetwork,
                         ::testing::Values("tiny_cnn_train", "tiny_mobilenet_train",
                                           "tiny_vit_train"),
                         [](const auto& each) { return std::string(each.param); });

TEST(ChosenNetwork, CutsAttentionIntoSlicesThatAddUpToItsLayers) {
  std::vector<Override> overrides = kAuto;
  overrides.push_back({"/mapping/fuse_attention", "on"});
  const RunConfig config = config_with("tiny_vit_train", overrides);
  const SimulationResult result = simulate_once(config);
  ASSERT_EQ(result.choice.fusion, AttentionFusion::kOn);
  const RunReport sliced = price_once(config, result);
  const RunReport whole =
      run_once(config_with("tiny_vit_train", {{"/mapping/keep_on_chip_bytes", "0"}}));
  ASSERT_EQ(sliced.layers.size(), whole.layers.size());
  Cycles sum{0};
  for (std::size_t i = 0; i < sliced.layers.size(); ++i) {
    EXPECT_EQ(sliced.layers[i].name, whole.layers[i].name);
    EXPECT_EQ(sliced.layers[i].pass, whole.layers[i].pass);
    EXPECT_EQ(sliced.layers[i].op, whole.layers[i].op);
    EXPECT_EQ(sliced.layers[i].macs, whole.layers[i].macs);
    sum += sliced.layers[i].cycles;
  }
  EXPECT_EQ(sum, result.cycles);
  EXPECT_LT(sliced.dram_read + sliced.dram_written, whole.dram_read + whole.dram_written);
}

}  // namespace
}  // namespace mxsim
