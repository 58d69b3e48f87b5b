// On an ideal DRAM the simulated chip takes exactly the cycles that are predicted from the
// commands.
#include "models/mapping/prediction/run_prediction.h"

#include <gtest/gtest.h>

#include "models/mapping/network_choice.h"
#include "models/mapping/plan_run.h"
#include "models/workload/lower.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "tests/support/predicted_run.h"

namespace mxsim {
namespace {

/// A run of a shipped trace on the ideal memory.
class IdealRun {
 public:
  explicit IdealRun(const std::string& run, std::vector<Override> overrides = {})
      : config_(load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + run + ".json",
                                       on_ideal_memory(std::move(overrides)))),
        ops_(chosen_ops(lower(config_.workload, lowering_policy(config_)),
                        {config_.mapping.kept_bytes(), config_.mapping.fuse_attention})),
        dram_(dram_device(config_.chip.dram)) {}

  const OpList& ops() const { return ops_; }
  SimulationResult run(Fidelity fidelity = Fidelity::kTile, Timeline* timeline = nullptr) const {
    SimulationRequest request{ops_, config_.chip, dram_};
    request.fidelity = fidelity;
    request.policy = config_.mapping;
    request.timeline = timeline;
    return simulate(request);
  }
  RunPrediction predict() const {
    const MapperChip chip = mapper_chip(config_.chip, dram_, ops_, config_.mapping.kept_bytes());
    const RunPlan plan =
        plan_run(ops_, chip, Bytes(dram_.organisation.capacity_bytes()), config_.mapping);
    return predict_run(plan, chip_around(config_.chip, dram_));
  }

 private:
  static std::vector<Override> on_ideal_memory(std::vector<Override> overrides) {
    overrides.push_back({"/chip/dram/device", "configs/dram/ideal-25.6GBs.json"});
    return overrides;
  }

  RunConfig config_;
  OpList ops_;
  DramDevice dram_;
};

struct Variant {
  const char* name;
  std::vector<Override> overrides;
};

class TinyRun : public ::testing::TestWithParam<std::tuple<const char*, Variant>> {
 protected:
  IdealRun it_{std::string(std::get<0>(GetParam())) + "_train", std::get<1>(GetParam()).overrides};
};

TEST_P(TinyRun, TakesThePredictedCyclesInBothFidelities) {
  testing::expect_predicted(it_.run(Fidelity::kTile), it_.ops());
  testing::expect_predicted(it_.run(Fidelity::kPe), it_.ops());
}

TEST_P(TinyRun, BeginsAndEndsEveryCommandAsPredicted) {
  Timeline timeline;
  it_.run(Fidelity::kTile, &timeline);
  testing::expect_predicted_commands(timeline, it_.predict());
}

const std::vector<Variant> kVariants{
    {"as_it_is", {}},
    {"inference", {{"/mode", "infer"}}},
    {"bf16", {{"/formats/default", "bf16"}}},
    {"dual_and_os", {{"/formats/default", "mxfp8_e4m3"}, {"/chip/array/dataflow/forward", "os"}}},
    {"backward_is_and_os",
     {{"/chip/array/dataflow/backward_data", "is"},
      {"/chip/array/dataflow/backward_weight", "os"}}},
    {"exact_sums", {{"/chip/array/accumulator", "exact_block"}}},
    {"exact_sums_os",
     {{"/chip/array/accumulator", "exact_block"},
      {"/chip/array/pes_per_scale_unit", "4"},
      {"/chip/array/dataflow/forward", "os"},
      {"/chip/array/dataflow/backward_data", "is"}}},
    {"kept_on_chip", {{"/mapping/keep_on_chip_bytes", "2048"}}},
    {"attention_in_slices",
     {{"/mapping/keep_on_chip_bytes", "3072"}, {"/mapping/fuse_attention", "on"}}},
    {"interleaved",
     {{"/chip/buffers/input/layout", "interleaved"},
      {"/chip/buffers/weight/layout", "interleaved"},
      {"/chip/buffers/accumulator/layout", "interleaved"},
      {"/chip/buffers/accumulator/width_bits", "128"}}},
    {"column_ports",
     {{"/chip/buffers", R"({"shared": {"bytes": 131072, "banks": 8, "width_bits": 64,
                            "layout": "interleaved", "transposed_read": "second_port"}})"},
      {"/chip/array/dataflow/forward", "os"}}},
    {"slow_issue", {{"/chip/sequencer/issue_cycles", "23"}}},
    {"issue_in_a_cycle_without_overlap",
     {{"/chip/sequencer/issue_cycles", "1"}, {"/mapping/overlap_groups", "off"}}},
    {"channels_alone", {{"/chip/unrolling/reduction", "channels"}}},
    {"post_processor", {{"/chip/post_processor", R"({"elements_per_cycle": 5, "stages": 2})"}}},
    {"compressed",
     {{"/chip/dram/compression", R"({"weights": 0.625, "activations": 0.3, "gradients": 0.45})"},
      {"/mapping/keep_on_chip_bytes", "2048"}}},
    {"without_overlap", {{"/mapping/overlap_groups", "off"}}},
    {"fast_core", {{"/chip/clock_hz", "3370000000"}, {"/chip/dma/setup_cycles", "1"}}},
    {"slow_core", {{"/chip/clock_hz", "97000000"}, {"/chip/dma/outstanding", "1"}}}};

INSTANTIATE_TEST_SUITE_P(Networks, TinyRun,
                         ::testing::Combine(::testing::Values("tiny_cnn", "tiny_vit",
                                                              "tiny_mobilenet"),
                                            ::testing::ValuesIn(kVariants)),
                         [](const auto& each) {
                           return std::string(std::get<0>(each.param)) + "_" +
                                  std::get<1>(each.param).name;
                         });

using NetworkAndMode = std::tuple<const char*, const char*>;

/// One image of every network.
class WholeNetwork : public ::testing::TestWithParam<NetworkAndMode> {};

TEST_P(WholeNetwork, TakesThePredictedCyclesLayerByLayer) {
  const auto& [network, mode] = GetParam();
  const IdealRun it("resnet18_infer", {{"/workload", "traces/" + std::string(network) + ".json"},
                                       {"/mode", mode},
                                       {"/batch", "1"}});
  testing::expect_predicted(it.run(), it.ops());
}

std::string name_of(const ::testing::TestParamInfo<NetworkAndMode>& each) {
  return std::string(std::get<0>(each.param)) + "_" + std::get<1>(each.param);
}

INSTANTIATE_TEST_SUITE_P(Networks, WholeNetwork,
                         ::testing::Combine(::testing::Values("resnet18", "resnet50",
                                                              "mobilenet_v2", "vgg16", "alexnet",
                                                              "deit_tiny", "deit_small", "vit_b16"),
                                            ::testing::Values("infer", "train")),
                         name_of);

}  // namespace
}  // namespace mxsim
