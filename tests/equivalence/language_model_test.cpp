// Language models small and odd in every extent: both fidelities take the same cycles, those that
// are predicted from the commands, and compute the same bits.
#include <gtest/gtest.h>

#include "models/mapping/network_choice.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "tests/support/predicted_run.h"

namespace mxsim {
namespace {

struct Phase {
  const char* name;
  std::vector<Override> overrides;
};

const std::vector<Phase> kPhases{
    {"prefill", {{"/mode", "prefill"}, {"/dimensions/seq", "7"}}},
    {"decode", {{"/mode", "decode"}, {"/dimensions/context", "10"}}},
    {"decode_one_dimensional",
     {{"/mode", "decode"}, {"/dimensions/context", "10"}, {"/formats/default", "mxfp8_e4m3"}}},
    {"chunked_prefill",
     {{"/mode", "prefill"}, {"/dimensions/seq", "5"}, {"/dimensions/context", "6"}}},
    {"train", {{"/mode", "train"}, {"/dimensions/seq", "9"}}},
    {"train_exact_sums", {{"/mode", "train"}, {"/chip/array/accumulator", "exact_block"}}},
    {"train_in_slices",
     {{"/mode", "train"},
      {"/mapping/keep_on_chip_bytes", "3072"},
      {"/mapping/fuse_attention", "on"}}}};

class TinyLanguageModel : public ::testing::TestWithParam<std::tuple<const char*, Phase>> {
 protected:
  TinyLanguageModel() {
    std::vector<Override> overrides = std::get<1>(GetParam()).overrides;
    overrides.push_back({"/workload", "traces/" + std::string(std::get<0>(GetParam())) + ".json"});
    overrides.push_back({"/chip/dram/device", "configs/dram/ideal-25.6GBs.json"});
    config_ = load_config<RunConfig>(MXSIM_ROOT "/configs/runs/tiny_vit_train.json", overrides);
    ops_ = chosen_ops(lower(config_.workload, lowering_policy(config_)),
                      {config_.mapping.kept_bytes(), config_.mapping.fuse_attention});
  }

  SimulationResult run(Fidelity fidelity) const {
    const DramDevice dram = dram_device(config_.chip.dram);
    SimulationRequest request{ops_, config_.chip, dram};
    request.fidelity = fidelity;
    request.bits = ResultBits::kComputed;
    request.policy = config_.mapping;
    return simulate(request);
  }

  RunConfig config_;
  OpList ops_;
};

TEST_P(TinyLanguageModel, IsTheSameInBothFidelitiesAndAsPredicted) {
  const SimulationResult tile = run(Fidelity::kTile);
  const SimulationResult pe = run(Fidelity::kPe);
  testing::expect_predicted(tile, ops_);
  testing::expect_predicted(pe, ops_);
  EXPECT_EQ(tile.counts, pe.counts);
  ASSERT_EQ(tile.output_hashes.size(), pe.output_hashes.size());
  for (std::size_t i = 0; i < tile.output_hashes.size(); ++i) {
    EXPECT_EQ(tile.output_hashes[i].hash, pe.output_hashes[i].hash) << tile.output_hashes[i].layer;
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, TinyLanguageModel,
                         ::testing::Combine(::testing::Values("tiny_gpt2", "tiny_llama",
                                                              "tiny_mixtral", "tiny_gpt_oss"),
                                            ::testing::ValuesIn(kPhases)),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::get<1>(each.param).name;
                         });

}  // namespace
}  // namespace mxsim
