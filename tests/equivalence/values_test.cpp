// The executor of models/values against the chip: a training step on real values, group by group,
// whose GEMMs follow the chip's mapping, has the result bits of the simulated array.
#include <gtest/gtest.h>

#include <bit>

#include "models/core/rng.h"
#include "models/mapping/plan_run.h"
#include "models/values/network.h"
#include "sim/config/load.h"
#include "sim/config/run_config.h"
#include "sim/run/run_once.h"
#include "sim/run/simulation.h"

namespace mxsim {
namespace {

struct Case {
  std::string run;
  std::string format;
};

/// Tiles serve both orientations: one narrow copy a value, so that values can be given by name.
RunConfig config_of(const Case& each, Fidelity fidelity) {
  std::vector<Override> overrides{{"/batch", "2"},
                                  {"/chip", MXSIM_ROOT "/configs/chips/tiny-8x8.json"},
                                  {"/mapping/fuse_attention", "off"},
                                  {"/formats/default", each.format}};
  if (each.format.starts_with("mx")) overrides.push_back({"/formats/block", "[8,8]"});
  RunConfig config = load_config<RunConfig>(MXSIM_ROOT "/configs/runs/" + each.run, overrides);
  config.fidelity = fidelity;
  return config;
}

/// FNV-1a over the finished result tiles of one GEMM in the order of the mapping.
std::uint64_t hash_of(const OpGroup& group, std::size_t gemm, const GemmTiling& tiling,
                      const std::vector<float>& grid) {
  const GemmWork& work = group.gemms[gemm];
  std::uint64_t hash = stable_hash("");
  for_each_tile(work, tiling, [&](const GemmTile& tile, TilePosition position) {
    if (!position.last_of_reduction) return;
    const TensorRegion region = result_region(work, grid_size(group), tile);
    for (std::int64_t i = 0; i < region.images.count; ++i) {
      for (std::int64_t y = 0; y < region.h.count; ++y) {
        for (std::int64_t x = 0; x < region.w.count; ++x) {
          const std::int64_t row =
              ((region.images.start + i) * region.height + region.h.start + y * region.h.step) *
                  region.width +
              region.w.start + x * region.w.step;
          const float* const values = grid.data() + row * group.cols + region.cols.start;
          hash = stable_hash({reinterpret_cast<const char*>(values),
                              static_cast<std::size_t>(region.cols.count) * sizeof(float)},
                             hash);
        }
      }
    }
  });
  return hash;
}

MappedTilings tilings_of(const RunPlan& plan) {
  MappedTilings tilings(plan.groups());
  for (std::size_t g = 0; g < tilings.size(); ++g) {
    if (plan.ops().groups[g].gemms.empty()) continue;
    for (const GemmMapping& mapping : plan.mappings(g)) tilings[g].push_back(mapping.tiling);
  }
  return tilings;
}

/// Parameters and states as training begins, a drawn image, labels.
void give_inputs(const RunConfig& config, const OpList& ops, TensorStore& store, Workers& workers) {
  TrainedNetwork network(config.workload, lowering_policy(config), config.chip.array, workers);
  NetworkTensors given = network.initial(5);
  const std::string input = config.workload.inputs.front().name;
  const CounterRng rng(5, "image");
  for (std::size_t id = 0; id < ops.tensors.size(); ++id) {
    const StoredTensor& tensor = ops.tensors[id];
    std::string name = value_name(tensor);
    if (name.ends_with(".master")) name.resize(name.size() - 7);
    if (name.ends_with(".labels")) given[name] = {1, 3};
    if (name == input && given[name].empty()) {
      for (std::int64_t i = 0; i < tensor.rows * tensor.cols; ++i) {
        given[name].push_back(static_cast<float>(rng.normal(static_cast<std::uint64_t>(i))));
      }
    }
    const auto found = given.find(name);
    if (found != given.end()) store.store(static_cast<TensorId>(id), found->second.data());
  }
}

void expect_bits_of_the_chip(const Case& each, Fidelity fidelity) {
  SCOPED_TRACE(each.run + " " + each.format);
  const RunConfig config = config_of(each, fidelity);
  const DramDevice dram = dram_device(config.chip.dram);
  const PlannedWork work = planned_work(config, dram);
  const MapperChip chip = mapper_chip(config.chip, dram, work.ops, work.policy.kept_bytes());
  const RunPlan plan =
      plan_run(work.ops, chip, Bytes(dram.organisation.capacity_bytes()), work.policy);
  const MappedTilings tilings = tilings_of(plan);
  Workers workers(2);
  TensorStore store(work.ops, config.chip.array, workers);
  store.follow(tilings);
  give_inputs(config, work.ops, store, workers);
  GroupExecutor<float> executor(work.ops, store, workers);
  SimulationRequest request{work.ops, config.chip, dram};
  request.fidelity = fidelity;
  request.bits = ResultBits::kComputed;
  request.policy = work.policy;
  std::vector<std::uint64_t> expected;
  for (std::size_t g = 0; g < work.ops.groups.size(); ++g) {
    const OpGroup& group = work.ops.groups[g];
    std::vector<float> grid(static_cast<std::size_t>(group.elements()));
    store.begin_group();
    if (!group.gemms.empty()) store.multiply(group, grid.data());
    for (std::size_t gemm = 0; gemm < group.gemms.size(); ++gemm) {
      if (group.gemms[gemm].gemm_k() == 0) continue;
      expected.push_back(hash_of(group, gemm, tilings[g][gemm], grid));
      for (const TensorId id : {group.gemms[gemm].a, group.gemms[gemm].b}) {
        const StoredTensor& tensor = work.ops.tensors[static_cast<std::size_t>(id)];
        const float* const values = store.load(id);
        request.operands[value_name(tensor)] = {values, values + tensor.rows * tensor.cols};
      }
    }
    if (group.pass != Pass::kUpdate) executor.run(group, {});
  }
  const SimulationResult result = simulate(request);
  ASSERT_EQ(result.output_hashes.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(result.output_hashes[i].hash, expected[i])
        << result.output_hashes[i].layer << " " << to_string(result.output_hashes[i].pass);
  }
}

TEST(Values, OfATrainingStepAreTheChipsInFidelityTile) {
  for (const char* format : {"bf16", "mxsf", "mxfp8_e4m3", "mxfp8_e5m2", "mxint8", "mxfp4_e2m1"}) {
    expect_bits_of_the_chip({"tiny_cnn_train.json", format}, Fidelity::kTile);
  }
  for (const char* format : {"bf16", "mxsf"}) {
    expect_bits_of_the_chip({"tiny_vit_train.json", format}, Fidelity::kTile);
  }
}

TEST(Values, OfATrainingStepAreTheChipsInFidelityPe) {
  expect_bits_of_the_chip({"tiny_cnn_train.json", "mxsf"}, Fidelity::kPe);
}

}  // namespace
}  // namespace mxsim
